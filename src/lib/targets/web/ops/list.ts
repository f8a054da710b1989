import { dtypeAttr } from "../../../graph/attrs.js";
import type { listOps } from "../../../ops/list.js";
import { type } from "../attrs.js";
import type { WebContext, WebLowering, WebTable } from "../lowering.js";
import { allInputs, same } from "./rows.js";

const typed: WebLowering = (context) =>
	context.emit(context.node.op, allInputs(context), elementType(context));

/** TensorFlow.js changes the list itself; what is put into it must outlive the body that made it. */
function holding(index: number): WebLowering {
	return (context) => {
		const { node, emit, keep } = context;
		const inputs = allInputs(context).map((value, i) =>
			i === index ? keep(value) : value,
		);
		return emit(node.op, inputs, elementType(context));
	};
}

function elementType({ node }: WebContext) {
	return { element_dtype: type(dtypeAttr(node, "element_dtype")) };
}

export const listRows: WebTable<typeof listOps> = {
	EmptyTensorList: typed,
	TensorListReserve: typed,
	TensorListSetItem: holding(2),
	TensorListGetItem: typed,
	TensorListPushBack: holding(1),
	TensorListLength: same(),
	TensorListFromTensor: typed,
	TensorListStack: typed,
	TensorListGather: typed,
};
