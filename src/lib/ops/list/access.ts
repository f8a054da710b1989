import { dtypeAttr } from "../../graph/attrs.js";
import {
	type InferRule,
	type OpEntry,
	primitive,
	type ValueType,
} from "../define.js";
import { givenElementShape, VARIANT } from "./element-shape.js";

const list = primitive(() => [VARIANT]);

const item = (index: number): InferRule => {
	return (context) => [element(context, index)];
};

const element = (
	context: Parameters<InferRule>[0],
	index: number,
): ValueType => ({
	dtype: dtypeAttr(context.node, "element_dtype"),
	shape: givenElementShape(context, index),
});

/** Lists made and read one element at a time. */
export const accessOps = {
	EmptyTensorList: list,
	TensorListReserve: list,
	TensorListResize: list,
	TensorListSetItem: list,
	TensorListPushBack: list,
	TensorListPopBack: primitive((context) => [VARIANT, element(context, 1)]),
	TensorListGetItem: primitive(item(2)),
	TensorListLength: primitive(() => [{ dtype: "int32", shape: [] }]),
	TensorListElementShape: primitive(({ node }) => [
		{ dtype: dtypeAttr(node, "shape_type"), shape: undefined },
	]),
} as const satisfies Record<string, OpEntry>;
