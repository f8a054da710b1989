import { dtypeAttr, intAttr } from "../../graph/attrs.js";
import { type OpEntry, primitive } from "../define.js";
import { sameAsInput } from "../shapes.js";
import { givenElementShape, rowsOf, VARIANT } from "./element-shape.js";

const list = primitive(() => [VARIANT]);

/** Lists from whole tensors and back. */
export const bulkOps = {
	TensorListFromTensor: list,
	TensorListScatter: list,
	TensorListScatterV2: list,
	TensorListScatterIntoExistingList: list,
	TensorListConcatLists: primitive(sameAsInput),
	TensorListPushBackBatch: primitive(sameAsInput),
	TensorListStack: primitive((context) => [
		{
			dtype: dtypeAttr(context.node, "element_dtype"),
			shape: rowsOf(
				intAttr(context.node, "num_elements"),
				givenElementShape(context, 1),
			),
		},
	]),
	TensorListGather: primitive((context) => [
		{
			dtype: dtypeAttr(context.node, "element_dtype"),
			shape: rowsOf(
				context.inputs[1].shape?.[0] ?? -1,
				givenElementShape(context, 2),
			),
		},
	]),
} as const satisfies Record<string, OpEntry>;
