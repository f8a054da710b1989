import { dtypeAttr } from "../../../graph/attrs.js";
import type { ShapeAttr } from "../../../graph/ir.js";
import type { listOps } from "../../../ops/list.js";
import { unfit } from "../arithmetic.js";
import { type, webShape } from "../attrs.js";
import type { WebContext, WebLowering, WebTable } from "../lowering.js";
import { narrowStorage } from "../storage.js";
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
	const { node, constant, emit, isUsed } = context;
	if (isUsed(1)) throw unfit("TensorFlow.js does not tell the lengths");
	const given = node.attrs.element_shape as ShapeAttr | undefined;
	const shape = constant(1);
	const dims =
		given?.dims ??
		(shape?.shape.length === 1
			? Array.from(shape.data as Int32Array, Number)
			: undefined);
	if (dims === undefined)
		throw unfit("TensorFlow.js must know the shape of what it joins");
	return emit(node.op, allInputs(context), {
		...elementType(context),
		element_shape: { shape: webShape(dims) },
	});
};

/** TensorFlow.js 4.22 stacks no list without elements, and joins it: elements with axes are joined, and taken apart again. */
const stacked: WebLowering = (context) => {
	const { constant, input, emit, ints } = context;
	const shape = constant(1);
	const sizes =
		shape?.shape.length === 1
			? Array.from(shape.data as Int32Array, Number)
			: [];
	const dtype = dtypeAttr(context.node, "element_dtype");
	if (
		sizes.length === 0 ||
		sizes.some((size) => size < 1) ||
		dtype === "string"
	)
		return typed(context);
	const joinedRows = emit("TensorListConcatV2", [input(0), input(1)], {
		...elementType(context),
		element_shape: { shape: webShape(sizes) },
	});
	const rows = emit("Reshape", [joinedRows, ints([-1, ...sizes])]);
	return narrowStorage(dtype) === "float32"
		? rows
		: emit("Cast", [rows], { DstT: type(dtype) });
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
	TensorListStack: stacked,
	TensorListGather: typed,
	TensorListScatter: typed,
	TensorListScatterV2: typed,
	TensorListSplit: typed,
	TensorListConcat: joined,
	TensorListConcatV2: joined,
	TensorListResize: same(),
};
