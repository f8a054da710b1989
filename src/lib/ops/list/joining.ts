import { dtypeAttr, shapeAttr } from "../../graph/attrs.js";
import type { Shape } from "../../tensor/tensor.js";
import { type OpEntry, primitive, type ValueType } from "../define.js";
import { givenElementShape, rowsOf, VARIANT } from "./element-shape.js";

const LENGTHS: ValueType = { dtype: "int64", shape: [-1] };

/** All rows of elements of such a shape. */
const allRows = (shape: Shape): Shape => rowsOf(-1, shape?.slice(1));

/** Elements of different lengths as the parts of one tensor. */
export const joiningOps = {
	TensorListSplit: primitive(() => [VARIANT]),
	TensorListConcat: primitive(({ node }) => [
		{
			dtype: dtypeAttr(node, "element_dtype"),
			shape: allRows(shapeAttr(node, "element_shape")),
		},
		LENGTHS,
	]),
	TensorListConcatV2: primitive((context) => [
		{
			dtype: dtypeAttr(context.node, "element_dtype"),
			shape: allRows(givenElementShape(context, 1)),
		},
		LENGTHS,
	]),
} as const satisfies Record<string, OpEntry>;
