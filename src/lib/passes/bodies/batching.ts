import { intAttr, intsAttr } from "../../graph/attrs.js";
import type { GraphTypes } from "../../graph/infer.js";
import type { Node, ValueName } from "../../graph/ir.js";
import { integersOf } from "../../tensor/integers.js";
import { integerConstant } from "./constants.js";

/** A node that computes one row, and what is known of its values. */
export interface RowNode {
	readonly node: Node;
	/** Of one row. */
	readonly types: GraphTypes;
	/** Whether a value has a row axis of its own now; the others are the same for all rows. */
	readonly isBatched: (value: ValueName) => boolean;
}

/** What computes all rows at once, on values with a row axis before all others; `undefined` where that is not the same. */
export function batchedNode(row: RowNode): readonly Node[] | undefined {
	return RULES[row.node.op]?.(row);
}

type BatchRule = (row: RowNode) => readonly Node[] | undefined;

const everywhere: BatchRule = ({ node }) => [node];

/** Operands are stretched from the last axis on: none may reach the row axis, and all rows must begin at the same one. */
const aligned: BatchRule = ({ node, types, isBatched }) => {
	const ranks = node.inputs.map((input) => types.typeOf(input).shape?.length);
	const [rank, ...others] = ranks.filter((_, i) => isBatched(node.inputs[i]));
	const fits =
		rank !== undefined &&
		others.every((other) => other === rank) &&
		ranks.every((other) => other !== undefined && other <= rank);
	return fits ? [node] : undefined;
};

/** Axes, given by a constant, are one further; those counted from the end stay. */
const axesGiven: BatchRule = (row) =>
	withConstant(row, 1, (axes) => axes.map(shifted));

const squeeze: BatchRule = ({ node }) => {
	const axes = intsAttr(node, "squeeze_dims");
	// without a list it depends on the sizes which axes go
	if (axes.length === 0) return undefined;
	const attrs = { ...node.attrs, squeeze_dims: axes.map(shifted) };
	return [{ ...node, attrs }];
};

const transpose: BatchRule = (row) =>
	withConstant(row, 1, (axes) => [0, ...axes.map((axis) => axis + 1)]);

const reshape: BatchRule = (row) =>
	withConstant(row, 1, (sizes) =>
		sizes.includes(-1) ? undefined : [-1, ...sizes],
	);

/** The row axis is taken whole, before what is taken of a row; masks count axes by bits. */
const stridedSlice: BatchRule = (row) => {
	const { node } = row;
	const starts = withConstant(row, 1, (values) => [0, ...values]);
	const ends =
		starts &&
		withConstant(last({ row, nodes: starts }), 2, (values) => [0, ...values]);
	const steps =
		ends &&
		withConstant(last({ row, nodes: ends }), 3, (values) => [1, ...values]);
	if (starts === undefined || ends === undefined || steps === undefined)
		return undefined;
	const mask = (name: string) => intAttr(node, name) * 2;
	const attrs = {
		...node.attrs,
		begin_mask: mask("begin_mask") + 1,
		end_mask: mask("end_mask") + 1,
		ellipsis_mask: mask("ellipsis_mask"),
		new_axis_mask: mask("new_axis_mask"),
		shrink_axis_mask: mask("shrink_axis_mask"),
	};
	const made = [starts[0], ends[0], steps[0]];
	return [...made, { ...steps[1], attrs }];
};

function last({
	row,
	nodes,
}: {
	readonly row: RowNode;
	readonly nodes: readonly Node[];
}): RowNode {
	return { ...row, node: nodes[nodes.length - 1] };
}

/** Pictures have a batch axis already, of one where the row is one picture: the rows take its place. */
const resize: BatchRule = ({ node, types, isBatched }) => {
	const [image, size] = node.inputs;
	if (types.typeOf(image).shape?.[0] !== 1 || isBatched(size)) return undefined;
	const axis = integerConstant(`${node.name}/row_axis`, 1);
	const [place] = axis.outputs;
	const rows: ValueName = `${node.name}/rows:0`;
	const resized: ValueName = `${node.name}/resized:0`;
	return [
		axis,
		{
			name: `${node.name}/rows`,
			op: "Squeeze",
			inputs: [image],
			outputs: [rows],
			attrs: { T: types.typeOf(image).dtype, squeeze_dims: [1] },
		},
		{
			...node,
			name: `${node.name}/resized`,
			inputs: [rows, size],
			outputs: [resized],
		},
		{
			name: node.name,
			op: "ExpandDims",
			inputs: [resized, place],
			outputs: node.outputs,
			attrs: { T: types.typeOf(node.outputs[0]).dtype, Tdim: "int32" },
		},
	];
};

/** What has a form for many rows: a loop with anything else in it stays whole. */
const RULES: Readonly<Record<string, BatchRule | undefined>> = {
	...rules(everywhere, "Cast Identity Abs Neg Square Sqrt Rsqrt Exp Log Tanh"),
	...rules(everywhere, "Sigmoid Relu Relu6 Floor Ceil Round Rint LogicalNot"),
	...rules(aligned, "AddV2 Add Sub Mul Div RealDiv DivNoNan Maximum Minimum"),
	...rules(aligned, "Pow FloorDiv FloorMod SquaredDifference SelectV2"),
	...rules(aligned, "Less LessEqual Greater GreaterEqual"),
	...rules(axesGiven, "ExpandDims ReverseV2 Mean Sum Max Min Prod"),
	...rules(resize, "ResizeBilinear ResizeNearestNeighbor"),
	...rules(resize, "ResizeBicubic ResizeArea"),
	Squeeze: squeeze,
	Transpose: transpose,
	Reshape: reshape,
	StridedSlice: stridedSlice,
};

function rules(rule: BatchRule, names: string): Record<string, BatchRule> {
	return Object.fromEntries(names.split(" ").map((name) => [name, rule]));
}

/** The node with another constant of small integers as input `index`, and before it that constant. */
function withConstant(
	{ node, types, isBatched }: RowNode,
	index: number,
	change: (values: readonly number[]) => readonly number[] | undefined,
): readonly [Node, Node] | undefined {
	const constant = types.constant(node.inputs[index]);
	const others = node.inputs.filter((_, i) => i !== index && i > 0);
	if (constant === undefined || others.some(isBatched)) return undefined;
	const values = change(Array.from(integersOf(constant), Number));
	if (values === undefined) return undefined;
	const { dtype, shape } = constant;
	const made = integerConstant(
		`${node.name}/batched_${index}`,
		shape.length === 0 ? values[0] : values,
		dtype,
	);
	const inputs = node.inputs.with(index, made.outputs[0]);
	return [made, { ...node, inputs }];
}

function shifted(axis: number): number {
	return axis < 0 ? axis : axis + 1;
}
