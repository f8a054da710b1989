import { intAttr } from "../../graph/attrs.js";
import type { Attr } from "../../graph/ir.js";
import type { RowRule, RowSize, RowValue } from "../rows.js";

/** The integers of a list attribute. */
export function integersOf(attr: Attr | undefined): number[] | undefined {
	return Array.isArray(attr) && attr.every((item) => typeof item === "number")
		? attr
		: undefined;
}

/** A list of sizes; fixed where each of them is. */
function sizes(elements: readonly RowSize[]): RowValue {
	return elements.every((element) => element === "fixed")
		? { kind: "fixed" }
		: { kind: "size", elements };
}

/** What an input of a rank of at most 1 says; undefined for others. */
function elementsOf(
	input: RowValue | undefined,
	shape: readonly number[] | undefined,
): readonly RowSize[] | undefined {
	if (input?.kind === "size") return input.elements;
	if (input?.kind !== "fixed" || shape === undefined) return undefined;
	const count = shape.length === 0 ? 1 : shape.length === 1 ? shape[0] : -1;
	return count < 0 ? undefined : new Array<RowSize>(count).fill("fixed");
}

/** `Shape` of what has rows: how many they are, then what is fixed. */
const shapeOf: RowRule = ({ inputs: [input], types: [{ shape }] }) =>
	input?.kind === "rows" && shape !== undefined && shape.length > 0
		? sizes(shape.map((_, axis) => (axis === 0 ? "rows" : "fixed")))
		: undefined;

/** The same integers in the same order. */
const same: RowRule = ({ inputs: [input], output }) =>
	input?.kind === "size" && (output.shape?.length ?? 2) <= 1
		? input
		: undefined;

/** Any other arithmetic: of the number of rows, something that is neither that nor fixed. */
const mixed: RowRule = ({ inputs, types, output: { shape } }) => {
	if (!inputs.some((input) => input?.kind === "size")) return undefined;
	const all = inputs.map((input, i) => elementsOf(input, types[i].shape));
	const count = shape?.length === 0 ? 1 : shape?.length === 1 ? shape[0] : -1;
	if (count < 0 || all.includes(undefined)) return undefined;
	return sizes(
		Array.from({ length: count }, (_, i) =>
			all.every((list) => list?.[list.length === 1 ? 0 : i] === "fixed")
				? "fixed"
				: "mixed",
		),
	);
};

const total: RowRule = ({ inputs: [input], output: { shape } }) =>
	input?.kind === "size" && shape?.length === 0 ? sizes(["mixed"]) : undefined;

const listed: RowRule = ({ node, inputs, types }) => {
	const parts = node.op === "Pack" ? inputs : inputs.slice(0, -1);
	if (!parts.some((part) => part?.kind === "size")) return undefined;
	const rank = node.op === "Pack" ? 0 : 1;
	const all = parts.map((part, i) =>
		types[i].shape?.length === rank
			? elementsOf(part, types[i].shape)
			: undefined,
	);
	const elements = all.filter((list) => list !== undefined);
	return elements.length === all.length ? sizes(elements.flat()) : undefined;
};

/** `shape[0]`, `shape[1:]`. */
const sliced: RowRule = ({ node, inputs: [input], types, integers }) => {
	const [begin, end, step] = [1, 2, 3].map((index) => integers(index));
	if (input?.kind !== "size" || types[0].shape?.length !== 1) return undefined;
	if (begin?.length !== 1 || end?.length !== 1 || step?.[0] !== 1)
		return undefined;
	const isSet = (mask: string) => intAttr(node, mask) === 1;
	if (isSet("new_axis_mask") || isSet("ellipsis_mask")) return undefined;
	const { elements } = input;
	if (isSet("shrink_axis_mask")) {
		const element = elements.at(begin[0]);
		return element && sizes([element]);
	}
	return sizes(
		elements.slice(
			isSet("begin_mask") ? 0 : begin[0],
			isSet("end_mask") ? elements.length : end[0],
		),
	);
};

const picked: RowRule = ({ inputs: [input], types, integers }) => {
	const indices = integers(1);
	if (input?.kind !== "size" || types[0].shape?.length !== 1) return undefined;
	const elements = indices?.map((index) => input.elements.at(index));
	return elements?.every((element) => element !== undefined)
		? sizes(elements)
		: undefined;
};

/** Whether a shape is that of rows: as many as there are, of a fixed shape. */
export function isRowsFirst(value: RowValue | undefined): boolean {
	return (
		value?.kind === "size" &&
		value.elements[0] === "rows" &&
		value.elements.slice(1).every((element) => element === "fixed")
	);
}

/** The same row again and again, as often as there are rows. */
const filled: RowRule = ({ inputs: [dims, value] }) =>
	isRowsFirst(dims) && value?.kind === "fixed" ? { kind: "rows" } : undefined;

const repeated: RowRule = ({ inputs: [given, target], types }) => {
	const shape = types[0].shape;
	if (
		given?.kind !== "fixed" ||
		target?.kind !== "size" ||
		!isRowsFirst(target)
	)
		return undefined;
	const isOne =
		shape !== undefined &&
		(shape.length < target.elements.length || shape[0] === 1);
	return isOne ? { kind: "rows" } : undefined;
};

/** How shapes are computed; undefined for what has rows itself. */
export const ROW_SIZES: Readonly<Record<string, RowRule>> = {
	Shape: shapeOf,
	Size: ({ inputs: [input] }) =>
		input?.kind === "rows" ? sizes(["mixed"]) : undefined,
	Rank: ({ inputs: [input] }) =>
		input?.kind === "rows" ? { kind: "fixed" } : undefined,
	Identity: same,
	StopGradient: same,
	Cast: same,
	Reshape: same,
	ExpandDims: same,
	Squeeze: same,
	...Object.fromEntries(
		["Add", "AddV2", "Sub", "Mul", "FloorDiv", "Maximum", "Minimum"].map(
			(op) => [op, mixed],
		),
	),
	Prod: total,
	Sum: total,
	Max: total,
	Min: total,
	Pack: listed,
	ConcatV2: listed,
	StridedSlice: sliced,
	Gather: picked,
	GatherV2: picked,
	Fill: filled,
	Tile: repeated,
	BroadcastTo: repeated,
};
