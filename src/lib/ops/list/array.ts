import { dtypeAttr, shapeAttr } from "../../graph/attrs.js";
import { type OpEntry, primitive, type ValueType } from "../define.js";
import { rowsOf } from "./element-shape.js";

const HANDLE: ValueType = { dtype: "resource", shape: [] };
const FLOW: ValueType = { dtype: "float32", shape: [] };

const array = primitive(() => [HANDLE]);
const arrayWithFlow = primitive(() => [HANDLE, FLOW]);
const flow = primitive(() => [FLOW]);
const size = primitive(() => [{ dtype: "int32", shape: [] }]);
const nothing = primitive(() => []);

const read = primitive(({ node }) => [
	{ dtype: dtypeAttr(node, "dtype"), shape: undefined },
]);

const gather = primitive(({ node, inputs }) => [
	{
		dtype: dtypeAttr(node, "dtype"),
		shape: rowsOf(inputs[1].shape?.[0] ?? -1, shapeAttr(node, "element_shape")),
	},
]);

const concat = primitive(({ node }) => [
	{
		dtype: dtypeAttr(node, "dtype"),
		shape: rowsOf(-1, shapeAttr(node, "element_shape_except0")),
	},
	{ dtype: "int64", shape: [-1] },
]);

/** Arrays of TensorFlow 1: a handle, and a `flow` that orders what happens to it. */
export const arrayOps = {
	TensorArray: array,
	TensorArrayV2: array,
	TensorArrayV3: arrayWithFlow,
	TensorArrayWrite: flow,
	TensorArrayWriteV2: flow,
	TensorArrayWriteV3: flow,
	TensorArrayRead: read,
	TensorArrayReadV2: read,
	TensorArrayReadV3: read,
	TensorArrayGather: gather,
	TensorArrayGatherV2: gather,
	TensorArrayGatherV3: gather,
	TensorArrayPack: gather,
	TensorArrayScatter: flow,
	TensorArrayScatterV2: flow,
	TensorArrayScatterV3: flow,
	TensorArrayUnpack: flow,
	TensorArraySplit: flow,
	TensorArraySplitV2: flow,
	TensorArraySplitV3: flow,
	TensorArrayConcat: concat,
	TensorArrayConcatV2: concat,
	TensorArrayConcatV3: concat,
	TensorArraySize: size,
	TensorArraySizeV2: size,
	TensorArraySizeV3: size,
	TensorArrayClose: nothing,
	TensorArrayCloseV2: nothing,
	TensorArrayCloseV3: nothing,
} as const satisfies Record<string, OpEntry>;
