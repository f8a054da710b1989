import { boolAttr, dtypeAttr } from "../../graph/attrs.js";
import { TypeMap } from "../../graph/infer.js";
import type { Node, Program, ValueName } from "../../graph/ir.js";
import type { ExpandContext } from "../../ops/define.js";
import { isStatic, knownElements } from "../../ops/shapes.js";
import type { DType } from "../../tensor/dtype.js";
import { integersOf } from "../../tensor/integers.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import { makingFor } from "../made.js";

/** The elements of a list, each a value; `undefined` where nothing was put. */
type Items = readonly (ValueName | undefined)[];

interface ItemsContext extends ExpandContext {
	items(index: number): Items;
}

/** What the outputs are: lists or values. `undefined` where it depends on numbers that only a run knows. */
type ItemsRule = (
	context: ItemsContext,
) => readonly (Items | ValueName)[] | undefined;

/** Longer lists are better off as one tensor. */
const MAX_ITEMS = 64;

/**
 * Lists whose lengths and places are known before anything runs are gone: each of their elements is a value, whatever its shape.
 * `undefined` where some list is not like that, or passed to a branch or loop, or there is none.
 */
export function withKnownItems(program: Program): Program | undefined {
	const types = new TypeMap(program);
	const lists = new Map<ValueName, Items>();
	const nodes: Node[] = [];
	for (const node of program.nodes) {
		types.add(node);
		const isList = [...node.inputs, ...node.outputs].some(
			(value) => types.typeOf(value).dtype === "variant",
		);
		const rule = ITEM_RULES[node.op];
		if (rule === undefined) {
			if (isList) return undefined;
			nodes.push(node);
			continue;
		}
		const { context, made } = makingFor(node, types);
		const results = rule({
			...context,
			items: (index) => lists.get(node.inputs[index]) ?? [],
		});
		if (results === undefined) return undefined;
		nodes.push(...made);
		for (const [i, output] of node.outputs.entries()) {
			const result = results[i];
			if (typeof result !== "string") lists.set(output, result);
			else
				nodes.push({
					name: `${output}/item`,
					op: "Identity",
					inputs: [result],
					outputs: [output],
					attrs: {},
				});
		}
	}
	return lists.size === 0 ? undefined : { ...program, nodes };
}

/** A number that is known. */
function known(context: ExpandContext, index: number): number | undefined {
	const [value] = numbersOf(context, index) ?? [];
	return value;
}

function numbersOf(
	context: ExpandContext,
	index: number,
): readonly number[] | undefined {
	return knownElements({ ...context, inputs: context.types }, index);
}

function elementType({ node }: ExpandContext): DType {
	return dtypeAttr(node, "element_dtype");
}

function pack(
	{ add }: ExpandContext,
	items: readonly ValueName[],
	T: DType,
): ValueName {
	return add("Pack", items, { N: items.length, T, axis: 0 });
}

/** Zeros of the shape that input `index` says, and of the sizes ahead. */
function zeros(
	context: ExpandContext,
	index: number,
	ahead: readonly number[] = [],
): ValueName | undefined {
	const { types, constantOf } = context;
	const isShape = types[index].shape?.length === 1;
	const shape = isShape ? numbersOf(context, index) : undefined;
	const T = elementType(context);
	if (!isStatic(shape) || T === "string") return undefined;
	const all = [...ahead, ...shape];
	const count = all.reduce((a, b) => a * b, 1);
	return constantOf(
		tensorFromNumbers(T, all, new Array<number>(count).fill(0)),
	);
}

/** All of them, with zeros where nothing was put. */
function whole(
	context: ExpandContext,
	items: Items,
	shapeInput: number,
): readonly ValueName[] | undefined {
	const all = items.map((item) => item ?? zeros(context, shapeInput));
	return all.every((item) => item !== undefined) ? all : undefined;
}

function rowsOf(context: ExpandContext, index: number): Items | undefined {
	const count = context.types[index].shape?.[0] ?? -1;
	if (count < 0 || count > MAX_ITEMS) return undefined;
	if (count === 0) return [];
	return context.addMany("Unpack", [context.inputs[index]], count, {
		num: count,
		T: context.types[index].dtype,
		axis: 0,
	});
}

function resized(items: Items, size: number): Items {
	return Array.from({ length: size }, (_, i) => items[i]);
}

function placed(
	context: ExpandContext,
	indices: number,
	rows: Items | undefined,
	base: Items,
): readonly Items[] | undefined {
	const constant = context.constant(indices);
	if (constant === undefined || rows === undefined) return undefined;
	const at = Array.from(integersOf(constant));
	const size = Math.max(base.length, ...at.map((place) => place + 1));
	if (size > MAX_ITEMS || at.some((place) => place < 0)) return undefined;
	const items = [...resized(base, size)];
	for (const [i, place] of at.entries()) items[place] = rows[i];
	return [items];
}

/** Elements one behind another, and how many rows each has. */
const joined: ItemsRule = (context) => {
	const { add, constantOf, scalar } = context;
	const items = context.items(0);
	if (items.length === 0 || items.includes(undefined)) return undefined;
	const T = elementType(context);
	const values = items as readonly ValueName[];
	const lengths = values.map((value) =>
		add(
			"StridedSlice",
			[
				add("Shape", [value], { T, out_type: "int64" }),
				...[0, 1, 1].map((i) =>
					constantOf(tensorFromNumbers("int32", [1], [i])),
				),
			],
			{ T: "int64", Index: "int32", shrink_axis_mask: 1 },
		),
	);
	const whole =
		values.length === 1
			? values[0]
			: add("ConcatV2", [...values, scalar("int32", 0)], {
					N: values.length,
					T,
					Tidx: "int32",
				});
	return [whole, pack(context, lengths, "int64")];
};

/** THE table of what operations on lists do with elements that are values. */
const ITEM_RULES: Readonly<Record<string, ItemsRule | undefined>> = {
	EmptyTensorList: () => [[]],
	TensorListReserve: (context) => {
		const size = known(context, 1);
		return size === undefined || size > MAX_ITEMS
			? undefined
			: [resized([], size)];
	},
	TensorListFromTensor: (context) => {
		const rows = rowsOf(context, 0);
		return rows && [rows];
	},
	TensorListResize: (context) => {
		const size = known(context, 1);
		return size === undefined || size > MAX_ITEMS
			? undefined
			: [resized(context.items(0), size)];
	},
	TensorListLength: (context) => [
		context.scalar("int32", context.items(0).length),
	],
	TensorListGetItem: (context) => {
		const items = context.items(0);
		const at = known(context, 1);
		if (at === undefined || at < 0 || at >= items.length) return undefined;
		const item = items[at] ?? zeros(context, 2);
		return item === undefined ? undefined : [item];
	},
	TensorListSetItem: (context) => {
		const items = context.items(0);
		const at = known(context, 1);
		const mayGrow = boolAttr(context.node, "resize_if_index_out_of_bounds");
		if (at === undefined || at < 0 || at >= MAX_ITEMS) return undefined;
		if (at >= items.length && !mayGrow) return undefined;
		return [
			resized(items, Math.max(items.length, at + 1)).with(
				at,
				context.inputs[2],
			),
		];
	},
	TensorListPushBack: (context) => [[...context.items(0), context.inputs[1]]],
	TensorListPopBack: (context) => {
		const items = context.items(0);
		const last = items.at(-1) ?? zeros(context, 1);
		return items.length === 0 || last === undefined
			? undefined
			: [items.slice(0, -1), last];
	},
	TensorListStack: (context) => {
		const T = elementType(context);
		const items = whole(context, context.items(0), 1);
		if (items === undefined) return undefined;
		const stacked =
			items.length === 0 ? zeros(context, 1, [0]) : pack(context, items, T);
		return stacked === undefined ? undefined : [stacked];
	},
	TensorListGather: (context) => {
		const at = context.constant(1);
		const items = whole(context, context.items(0), 2);
		if (at === undefined || items === undefined) return undefined;
		const places = Array.from(integersOf(at));
		const chosen = places.flatMap((place) => items[place] ?? []);
		return chosen.length === 0 || chosen.length < places.length
			? undefined
			: [pack(context, chosen, elementType(context))];
	},
	TensorListScatter: (context) => placed(context, 1, rowsOf(context, 0), []),
	TensorListScatterV2: (context) => {
		const size = known(context, 3);
		return size === undefined || size > MAX_ITEMS
			? undefined
			: placed(context, 1, rowsOf(context, 0), resized([], Math.max(size, 0)));
	},
	TensorListScatterIntoExistingList: (context) =>
		placed(context, 2, rowsOf(context, 1), context.items(0)),
	TensorListConcat: joined,
	TensorListConcatV2: joined,
	TensorListSplit: (context) => {
		const { inputs, types, addMany, scalar } = context;
		const count = types[2].shape?.[0] ?? -1;
		if (count < 1 || count > MAX_ITEMS) return undefined;
		const parts = addMany(
			"SplitV",
			[inputs[0], inputs[2], scalar("int32", 0)],
			count,
			{ num_split: count, T: types[0].dtype, Tlen: types[2].dtype },
		);
		return [parts];
	},
	TensorListConcatLists: (context) => [
		[...context.items(0), ...context.items(1)],
	],
};
