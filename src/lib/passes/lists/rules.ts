import { boolAttr, dtypeAttr } from "../../graph/attrs.js";
import type { ValueName } from "../../graph/ir.js";
import type { ExpandContext } from "../../ops/define.js";
import { castTo, formula } from "../../ops/formula.js";
import { longInput, vectors } from "../../ops/vectors.js";
import type { DType } from "../../tensor/dtype.js";
import { type ElementShape, elementShape, type Rows, rowsIn } from "./rows.js";

/** A list as a tensor of its elements. */
export interface ListValue {
	readonly rows: ValueName;
	readonly dtype: DType;
	/** Whether the shape of its elements is not known until one is set: until then they are [0]. */
	readonly isOpen: boolean;
}

export interface ListContext extends ExpandContext {
	/** The list that an input is. */
	list(index: number): ListValue;
}

/** What the outputs are: a list, or a tensor. */
export type ListRule = (
	context: ListContext,
) => readonly (ListValue | ValueName)[];

/** A rule about the list that is input 0. */
function of(
	rule: (
		rows: Rows,
		context: ListContext,
		list: ListValue,
	) => readonly (ListValue | ValueName)[],
): ListRule {
	return (context) => {
		const list = context.list(0);
		return rule(rowsIn(context, list.dtype), context, list);
	};
}

/** A list of elements of `shape`, closed where that is known. */
function fresh(
	context: ListContext,
	dtype: DType,
	shape: ElementShape,
	count: ValueName,
): ListValue {
	const rows = rowsIn(context, dtype).zeros(
		count,
		shape ?? vectors(context).of(0),
	);
	return { rows, dtype, isOpen: shape === undefined };
}

/** The rows of a list whose elements are to have a shape. */
function shaped(rows: Rows, list: ListValue, shape: ElementShape): ValueName {
	return list.isOpen && shape !== undefined
		? rows.fitted(list.rows, shape)
		: list.rows;
}

function scalarInput(context: ListContext, index: number): ValueName {
	return vectors(context).reshape(
		longInput(context, index),
		vectors(context).of(),
	);
}

const newType = ({ node }: ListContext) => dtypeAttr(node, "element_dtype");

/** Rows at their indices in a list of so many elements at least, which grows to the highest index. */
function scattered(
	context: ListContext,
	existing: ListValue,
	places: readonly [tensor: number, indices: number],
	least: ValueName,
): ListValue {
	const { dtype } = existing;
	const [tensor, indices] = places;
	const v = vectors(context);
	const { add, max } = formula(context, "int64");
	const rows = rowsIn(context, dtype);
	const values = context.inputs[tensor];
	const at = longInput(context, indices);
	const element = v.cut(v.shape(values, dtype), 1);
	const highest = v.largest(add(at, 1));
	const whole = rows.grown(
		shaped(rows, existing, element),
		max(highest, least),
	);
	return { rows: rows.set(whole, at, values), dtype, isOpen: false };
}

function scatteredAnew(context: ListContext, least: ValueName): ListValue {
	const v = vectors(context);
	const { dtype } = context.types[0];
	const element = v.cut(v.shape(context.inputs[0], dtype), 1);
	const none = fresh(context, dtype, element, context.scalar("int64", 0));
	return scattered(context, none, [0, 1], least);
}

/** Rows of all elements one after another, and how many of them each element has. */
const joined: ListRule = of((rows, context, list) => {
	const { add } = context;
	const v = vectors(context);
	const asked =
		context.inputs.length > 1 ? elementShape(context, 1) : undefined;
	const whole = shaped(rows, list, asked);
	const element = rows.element(whole);
	const shape = v.join([v.of(-1), v.cut(element, 1)]);
	const lengths = add("Fill", [v.only(rows.count(whole)), v.at(element, 0)], {
		T: "int64",
		index_type: "int64",
	});
	return [v.reshape(whole, shape, list.dtype), lengths];
});

/** THE table of what operations on lists do with elements that are stacked (kernels/list_kernels.cc). */
export const LIST_RULES: Readonly<Record<string, ListRule | undefined>> = {
	EmptyTensorList: (context) => [
		fresh(
			context,
			newType(context),
			elementShape(context, 0),
			context.scalar("int64", 0),
		),
	],
	TensorListReserve: (context) => [
		fresh(
			context,
			newType(context),
			elementShape(context, 0),
			scalarInput(context, 1),
		),
	],
	TensorListFromTensor: (context) => [
		{ rows: context.inputs[0], dtype: newType(context), isOpen: false },
	],
	TensorListResize: of((rows, context, list) => {
		const size = scalarInput(context, 1);
		const cut = rows.first(list.rows, size);
		return [{ ...list, rows: rows.grown(cut, size) }];
	}),
	TensorListLength: of((rows, context, list) => [
		castTo(context, rows.count(list.rows), "int64", "int32"),
	]),
	TensorListElementShape: of((rows, context, list) => [
		castTo(
			context,
			rows.element(list.rows),
			"int64",
			dtypeAttr(context.node, "shape_type"),
		),
	]),
	TensorListGetItem: of((rows, context, list) => [
		rows.take(
			shaped(rows, list, elementShape(context, 2)),
			scalarInput(context, 1),
		),
	]),
	TensorListSetItem: of((rows, context, list) => {
		const { add, max } = formula(context, "int64");
		const v = vectors(context);
		const at = scalarInput(context, 1);
		const item = context.inputs[2];
		let whole = shaped(rows, list, v.shape(item, list.dtype));
		if (boolAttr(context.node, "resize_if_index_out_of_bounds"))
			whole = rows.grown(whole, max(rows.count(whole), add(at, 1)));
		const set = rows.set(whole, v.only(at), rows.row(item));
		return [{ ...list, rows: set, isOpen: false }];
	}),
	TensorListPushBack: of((rows, context, list) => {
		const item = context.inputs[1];
		const shape = vectors(context).shape(item, list.dtype);
		const whole = shaped(rows, list, shape);
		const joined = rows.join([whole, rows.row(item)]);
		return [{ ...list, rows: joined, isOpen: false }];
	}),
	TensorListPopBack: of((rows, context, list) => {
		const { sub } = formula(context, "int64");
		const whole = shaped(rows, list, elementShape(context, 1));
		const last = sub(rows.count(whole), 1);
		return [{ ...list, rows: rows.first(whole, last) }, rows.take(whole, last)];
	}),
	TensorListStack: of((rows, context, list) => [
		shaped(rows, list, elementShape(context, 1)),
	]),
	TensorListGather: of((rows, context, list) => [
		rows.take(
			shaped(rows, list, elementShape(context, 2)),
			longInput(context, 1),
		),
	]),
	TensorListScatter: (context) => [
		scatteredAnew(context, context.scalar("int64", 0)),
	],
	TensorListScatterV2: (context) => [
		scatteredAnew(context, scalarInput(context, 3)),
	],
	TensorListScatterIntoExistingList: of((rows, context, list) => [
		scattered(context, list, [1, 2], rows.count(list.rows)),
	]),
	TensorListConcat: joined,
	TensorListConcatV2: joined,
	TensorListConcatLists: of((rows, context, list) => {
		const other = context.list(1);
		const shape = (one: ListValue) => rows.element(one.rows);
		const joined = rows.join([
			shaped(rows, list, shape(other)),
			shaped(rows, other, shape(list)),
		]);
		return [{ ...list, rows: joined, isOpen: list.isOpen && other.isOpen }];
	}),
};
