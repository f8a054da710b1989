import { dtypeAttr } from "../../../graph/attrs.js";
import type { ShapeAttr } from "../../../graph/ir.js";
import type { listOps } from "../../../ops/list.js";
import { unfit } from "../arithmetic.js";
import { type, webShape } from "../attrs.js";
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

/** The lengths of its pieces are what a gradient needs: TensorFlow.js does not return them. */
const joined: WebLowering = (context) => {
	const { node, emit, isUsed } = context;
	if (isUsed(1)) throw unfit("TensorFlow.js does not tell the lengths");
	const shape = node.attrs.element_shape as ShapeAttr | undefined;
	return emit(node.op, allInputs(context), {
		...elementType(context),
		...(shape && { element_shape: { shape: webShape(shape.dims) } }),
	});
};

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
	TensorListScatter: typed,
	TensorListScatterV2: typed,
	TensorListSplit: typed,
	TensorListConcat: joined,
	TensorListConcatV2: joined,
	TensorListResize: same(),
};
