import { stringAttr } from "../../../../graph/attrs.js";
import { type Einsum, parseEinsum } from "../../../../ops/linalg/einsum.js";
import { arithmetic } from "../../arithmetic.js";
import { type LiteContext, type LiteValue, unfit } from "../../lowering.js";
import { reshaped, transposed } from "../rows.js";

/** A tensor with a label for each axis. */
interface Labelled {
	readonly labels: readonly string[];
	readonly value: LiteValue;
}

/** An equation as products of matrices, and what brings operands into their form. */
export function einsum(context: LiteContext): LiteValue {
	const { node, inputs, input } = context;
	const parsed = parseEinsum(
		stringAttr(node, "equation"),
		inputs.map(({ shape }) => shape),
	);
	if (
		parsed === undefined ||
		parsed.operands.some((labels) => new Set(labels).size < labels.length)
	)
		throw unfit("it is written for equations without repeated labels only");
	const result = parsed.operands
		.map((labels, i): Labelled => ({ labels, value: input(i) }))
		.map((operand, i) => summed(context, operand, wanted(parsed, i)))
		.reduce((left, right, i) =>
			product(context, left, right, later(parsed, i)),
		);
	return ordered(context, result, parsed.output);
}

/** Labels of operand `index` that somebody else has: the others are summed at once. */
function wanted({ operands, output }: Einsum, index: number): string[] {
	const others = operands.filter((_, other) => other !== index).flat();
	return operands[index].filter(
		(label) => output.includes(label) || others.includes(label),
	);
}

/** Labels that operands behind `index`, or the result, have. */
function later({ operands, output }: Einsum, index: number): readonly string[] {
	return [...output, ...operands.slice(index + 1).flat()];
}

function summed(
	{ emit, ints }: LiteContext,
	{ labels, value }: Labelled,
	kept: readonly string[],
): Labelled {
	const axes = [...labels.keys()].filter(
		(axis) => !kept.includes(labels[axis]),
	);
	if (axes.length === 0) return { labels, value };
	const left = labels.filter((label) => kept.includes(label));
	const shape = value.shape?.filter((_, axis) => !axes.includes(axis));
	return {
		labels: left,
		value: emit("SUM", [value, ints(axes)], { dtype: value.dtype, shape }, [
			"ReducerOptions",
			{ keepDims: false },
		]),
	};
}

/** Two operands in one: summed over what they share and nobody wants later. */
function product(
	context: LiteContext,
	left: Labelled,
	right: Labelled,
	kept: readonly string[],
): Labelled {
	const shared = left.labels.filter((label) => right.labels.includes(label));
	const batch = shared.filter((label) => kept.includes(label));
	const inner = shared.filter((label) => !kept.includes(label));
	const rows = left.labels.filter((label) => !shared.includes(label));
	const columns = right.labels.filter((label) => !shared.includes(label));
	const labels = [...batch, ...rows, ...columns];
	const sizes = sizesOf(left, right);
	if (inner.length === 0 || stretches(left, right, shared)) {
		const all = [...batch, ...rows, ...columns, ...inner];
		const value = arithmetic(context).mul(
			spread(context, left, all),
			spread(context, right, all),
		);
		return summed(context, { labels: all, value }, labels);
	}
	const [a, b] = [
		grouped(context, left, [batch, rows, inner], sizes),
		grouped(context, right, [batch, inner, columns], sizes),
	];
	const size = (group: readonly string[]) => sizeOfGroup(group, sizes);
	const made = context.emit(
		"BATCH_MATMUL",
		[a, b],
		{ dtype: a.dtype, shape: [size(batch), size(rows), size(columns)] },
		["BatchMatMulOptions", {}],
	);
	return { labels, value: inSizes(context, made, labels, sizes) };
}

/** Whether one of both has a size 1 that the other repeats. */
function stretches(
	left: Labelled,
	right: Labelled,
	shared: readonly string[],
): boolean {
	const size = ({ labels, value }: Labelled, label: string) =>
		value.shape?.[labels.indexOf(label)] ?? -1;
	return shared.some((label) => {
		const [a, b] = [size(left, label), size(right, label)];
		return a !== b && (a === 1 || b === 1);
	});
}

type Sizes = ReadonlyMap<string, number>;

function sizesOf(...operands: readonly Labelled[]): Sizes {
	const sizes = new Map<string, number>();
	for (const { labels, value } of operands)
		for (const [axis, label] of labels.entries()) {
			const size = value.shape?.[axis] ?? -1;
			sizes.set(label, Math.max(sizes.get(label) ?? -1, size));
		}
	return sizes;
}

function sizeOfGroup(group: readonly string[], sizes: Sizes): number {
	const known = group.map((label) => sizes.get(label) ?? -1);
	return known.includes(-1) ? -1 : known.reduce((a, b) => a * b, 1);
}

/** The axes of a tensor in groups, each of which becomes one axis. */
function grouped(
	context: LiteContext,
	operand: Labelled,
	groups: readonly (readonly string[])[],
	sizes: Sizes,
): LiteValue {
	const value = ordered(context, operand, groups.flat());
	if (groups.every(({ length }) => length === 1)) return value;
	return open(
		context,
		value,
		groups.map((group) => sizeOfGroup(group, sizes)),
	);
}

function inSizes(
	context: LiteContext,
	value: LiteValue,
	labels: readonly string[],
	sizes: Sizes,
): LiteValue {
	return open(
		context,
		value,
		labels.map((label) => sizes.get(label) ?? -1),
	);
}

function open(
	context: LiteContext,
	value: LiteValue,
	shape: readonly number[],
): LiteValue {
	if (String(shape) === String(value.shape)) return value;
	if (shape.filter((size) => size < 0).length > 1)
		throw unfit("TensorFlow Lite must know all sizes but one");
	return reshaped(context, value, shape);
}

/** A tensor with an axis of size 1 for each label that it lacks. */
function spread(
	context: LiteContext,
	operand: Labelled,
	labels: readonly string[],
): LiteValue {
	const own = labels.filter((label) => operand.labels.includes(label));
	const value = ordered(context, operand, own);
	if (own.length === labels.length) return value;
	return open(
		context,
		value,
		labels.map((label) =>
			own.includes(label) ? (value.shape?.[own.indexOf(label)] ?? -1) : 1,
		),
	);
}

function ordered(
	context: LiteContext,
	{ labels, value }: Labelled,
	wantedLabels: readonly string[],
): LiteValue {
	return transposed(
		context,
		value,
		wantedLabels.map((label) => labels.indexOf(label)),
	);
}
