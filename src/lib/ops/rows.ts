import { boolAttr, intAttr, stringAttr } from "../graph/attrs.js";
import type { Node } from "../graph/ir.js";
import type { ValueType } from "./define.js";
import { ELEMENTWISE, FIRST_INPUT } from "./rows/families.js";
import { integersOf, isRowsFirst, ROW_SIZES } from "./rows/sizes.js";

/**
 * How a value of a run depends on the requests that are joined in it.
 * - `fixed`: not at all; it is the same for each of them alone
 * - `rows`: its first dimension is the requests' rows, and each row is made of the same row of the inputs
 * - `size`: a number or a list of integers, of which each is the number of rows, fixed, or made of both
 * What is neither is undefined.
 */
export type RowValue =
	| { readonly kind: "fixed" }
	| { readonly kind: "rows" }
	| { readonly kind: "size"; readonly elements: readonly RowSize[] };

export type RowSize = "rows" | "fixed" | "mixed";

export interface RowContext {
	readonly node: Node;
	readonly inputs: readonly (RowValue | undefined)[];
	readonly types: readonly ValueType[];
	readonly output: ValueType;
	/** The integers of an input that is a constant. */
	integers(index: number): readonly number[] | undefined;
}

/** Of all outputs of a node. */
export type RowRule = (context: RowContext) => RowValue | undefined;

export const FIXED: RowValue = { kind: "fixed" };
export const ROWS: RowValue = { kind: "rows" };

/** What the outputs of a node are; undefined where no rule says. At least one of its inputs is not fixed. */
export function rowsOfNode(context: RowContext): RowValue | undefined {
	const { op } = context.node;
	if (context.inputs.includes(undefined)) return undefined;
	const sized = ROW_SIZES[op]?.(context);
	if (sized !== undefined) return sized;
	if (context.inputs.some((input) => input?.kind === "rows"))
		return rowRule(op)?.(context);
	return undefined;
}

function rowRule(op: string): RowRule | undefined {
	if (ELEMENTWISE.has(op)) return elementwise;
	if (FIRST_INPUT.has(op)) return onlyInput(0);
	return RULES[op];
}

/** Rows meet rows, and what is fixed is the same for each of them. */
const elementwise: RowRule = ({ inputs, types, output }) => {
	if (inputs.length === 1) return inputs[0];
	const rank = output.shape?.length;
	return inputs.every((input, i) => meetsRows(input, types[i], rank))
		? ROWS
		: undefined;
};

function meetsRows(
	input: RowValue | undefined,
	{ shape }: ValueType,
	rank: number | undefined,
): boolean {
	if (shape === undefined || rank === undefined) return false;
	if (input?.kind === "rows") return shape.length === rank;
	return input?.kind === "fixed" && (shape.length < rank || shape[0] === 1);
}

/** One input has rows, the others are fixed. */
function onlyInput(index: number): RowRule {
	return ({ inputs }) =>
		inputs.every((input, i) => input?.kind === (i === index ? "rows" : "fixed"))
			? ROWS
			: undefined;
}

/** As `onlyInput(0)`, where the condition holds. */
function where(condition: (context: RowContext) => boolean): RowRule {
	const rule = onlyInput(0);
	return (context) => (condition(context) ? rule(context) : undefined);
}

/** Whether axes are known, and the first is not among them. */
function avoidFirst(
	axes: readonly number[] | undefined,
	rank: number | undefined,
): boolean {
	return (
		axes !== undefined &&
		rank !== undefined &&
		axes.every((axis) => axis !== 0 && axis !== -rank)
	);
}

function rankOf({ shape }: ValueType): number | undefined {
	return shape?.length;
}

const overAxes = where(({ integers, types }) =>
	avoidFirst(integers(1), rankOf(types[0])),
);

const overLastAxis = where(({ types }) => (rankOf(types[0]) ?? 0) >= 2);

const normalized = where(({ node }) => !boolAttr(node, "is_training"));

const padded = where(({ integers }) => {
	const [before, after] = integers(1) ?? [];
	return before === 0 && after === 0;
});

const matMul: RowRule = (context) => {
	const { inputs, types, output, node } = context;
	const rank = rankOf(output);
	if (rank === 2) {
		const flag = node.op === "MatMul" ? "transpose_a" : "adj_x";
		return boolAttr(node, flag) ? undefined : onlyInput(0)(context);
	}
	return inputs.every((input, i) => meetsRows(input, types[i], rank))
		? ROWS
		: undefined;
};

/** Rows stay rows where the target says so, or where each has as many elements as before. */
const reshape: RowRule = ({ inputs: [given, target], types, output }) => {
	if (given?.kind !== "rows") return undefined;
	if (target?.kind === "size") return isRowsFirst(target) ? ROWS : undefined;
	const before = rowElements(types[0]);
	const isSame = before !== undefined && before === rowElements(output);
	return target?.kind === "fixed" && isSame ? ROWS : undefined;
};

function rowElements({ shape }: ValueType): number | undefined {
	if (shape === undefined || shape.length === 0) return undefined;
	const rest = shape.slice(1);
	const count = rest.reduce((product, size) => product * size, 1);
	return rest.some((size) => size <= 0) ? undefined : count;
}

const broadcast: RowRule = ({ inputs: [given, target], types, output }) =>
	isRowsFirst(target) && meetsRows(given, types[0], rankOf(output))
		? ROWS
		: undefined;

const tile: RowRule = ({ inputs: [given], integers }) =>
	given?.kind === "rows" && integers(1)?.[0] === 1 ? ROWS : undefined;

const joined: RowRule = ({ inputs, types, integers }) => {
	const last = inputs.length - 1;
	const parts = inputs.slice(0, last);
	return parts.every((part) => part?.kind === "rows") &&
		avoidFirst(integers(last), rankOf(types[0]))
		? ROWS
		: undefined;
};

const packed: RowRule = ({ node, inputs, output }) =>
	inputs.every((input) => input?.kind === "rows") &&
	avoidFirst([intAttr(node, "axis")], rankOf(output))
		? ROWS
		: undefined;

/** The first part of the slice takes all rows: `x[:, …]` or `x[…, 0]`. */
const sliced = where(({ node, types, integers }) => {
	const steps = integers(3);
	const rank = rankOf(types[0]);
	const isSet = (mask: string) => (intAttr(node, mask) & 1) === 1;
	if (steps === undefined || rank === undefined) return false;
	if (isSet("new_axis_mask") || isSet("shrink_axis_mask")) return false;
	if (isSet("ellipsis_mask")) return steps.length - 1 < rank;
	return isSet("begin_mask") && isSet("end_mask") && steps[0] === 1;
});

const gathered: RowRule = ({ node, inputs, types, integers }) => {
	const [params, indices, axes] = inputs;
	const [axis] = axes === undefined ? [0] : (integers(2) ?? []);
	const batch = node.attrs.batch_dims ?? 0;
	if (axis === undefined || typeof batch !== "number") return undefined;
	if (params?.kind === "fixed" && indices?.kind === "rows")
		return axis === 0 && batch === 0 ? ROWS : undefined;
	if (params?.kind !== "rows" || !avoidFirst([axis], rankOf(types[0])))
		return undefined;
	if (indices?.kind === "fixed") return batch === 0 ? ROWS : undefined;
	return batch >= 1 ? ROWS : undefined;
};

/** Every operand with rows has them first, under one letter, which is the answer's first and no other operand's. */
const einsum: RowRule = ({ node, inputs, types }) => {
	const [left, right] = stringAttr(node, "equation")
		.replaceAll(" ", "")
		.split("->");
	const terms = left.split(",");
	if (right === undefined || terms.length !== inputs.length) return undefined;
	const label = labelOf(right);
	const isFit = (term: string, i: number) =>
		inputs[i]?.kind === "rows"
			? labelOf(term) === label &&
				!term.slice(label.length).includes(label) &&
				(rankOf(types[i]) ?? 0) >
					term.replace("...", "").length - (label === "..." ? 0 : 1)
			: inputs[i]?.kind === "fixed" && !term.includes(label);
	return label !== "" && terms.every(isFit) ? ROWS : undefined;
};

function labelOf(term: string): string {
	return term.startsWith("...") ? "..." : term.slice(0, 1);
}

/** Variable lengths would be filled up to the longest of all requests. */
const parsed = where(
	({ output }) => output.shape?.slice(1).every((size) => size >= 0) ?? false,
);

const RULES: Readonly<Record<string, RowRule>> = {
	...Object.fromEntries(
		[
			...["Sum", "Mean", "Prod", "Max", "Min", "All", "Any", "EuclideanNorm"],
			...["ArgMax", "ArgMin", "Cumsum", "Cumprod", "ReverseV2"],
		].map((op) => [op, overAxes]),
	),
	...Object.fromEntries(
		["Softmax", "LogSoftmax", "TopKV2"].map((op) => [op, overLastAxis]),
	),
	...Object.fromEntries(
		["", "V2", "V3"].flatMap((version) => [
			[`FusedBatchNorm${version}`, normalized],
			[`BatchMatMul${version}`, matMul],
		]),
	),
	...Object.fromEntries(
		["Pad", "PadV2", "MirrorPad"].map((op) => [op, padded]),
	),
	MatMul: matMul,
	Reshape: reshape,
	BroadcastTo: broadcast,
	Conv2DBackpropInput: ({ inputs: [, filter, given] }) =>
		filter?.kind === "fixed" && given?.kind === "rows" ? ROWS : undefined,
	Tile: tile,
	ConcatV2: joined,
	Pack: packed,
	StridedSlice: sliced,
	Gather: gathered,
	GatherV2: gathered,
	ResourceGather: gathered,
	Einsum: einsum,
	Transpose: where(({ integers }) => integers(1)?.[0] === 0),
	ExpandDims: where(({ integers, output }) =>
		avoidFirst(integers(1), rankOf(output)),
	),
	Squeeze: where(({ node, types }) => {
		const axes = integersOf(node.attrs.squeeze_dims);
		return axes?.length !== 0 && avoidFirst(axes, rankOf(types[0]));
	}),
	Unpack: where(({ node, types }) =>
		avoidFirst([intAttr(node, "axis")], rankOf(types[0])),
	),
	Split: (context) =>
		avoidFirst(context.integers(0), rankOf(context.types[1]))
			? onlyInput(1)(context)
			: undefined,
	SplitV: where(({ integers, types }) =>
		avoidFirst(integers(2), rankOf(types[0])),
	),
	OneHot: where(({ node, output }) =>
		avoidFirst([intAttr(node, "axis")], rankOf(output)),
	),
	LookupTableFind: onlyInput(1),
	LookupTableFindV2: onlyInput(1),
	ParseExample: parsed,
	ParseExampleV2: parsed,
};
