import {
	reshapedConstant,
	transposedConstant,
} from "../../../../tensor/constant.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";

/** A tensor with a label for each axis. */
export interface Labelled {
	readonly labels: readonly string[];
	/** A value, or which input of the node: a constant is then arranged now, not when the model runs. */
	readonly source: OnnxValue | number;
}

/** Which labels play which part in a product of matrices [batch…, rows, summed] · [batch…, summed, columns]. */
export interface MatrixLabels {
	readonly batch: readonly string[];
	readonly rows: readonly string[];
	readonly columns: readonly string[];
	readonly summed: readonly string[];
}

/** The axes of a tensor in groups: each becomes one axis, an empty group an axis of size 1. */
type Groups = readonly (readonly string[])[];

/** What can be done to labelled tensors in one ONNX graph. Has a lifetime: one equation. */
export class LabelledTensors {
	readonly #context: LowerContext;
	readonly #sizes: ReadonlyMap<string, number>;
	/** Where the size of a label can be read at run time. */
	readonly #origins = new Map<string, { index: number; axis: number }>();

	constructor(context: LowerContext, sizes: ReadonlyMap<string, number>) {
		this.#context = context;
		this.#sizes = sizes;
	}

	/** Input `index`; of labels that occur twice the diagonal is taken. */
	operand(index: number, labels: readonly string[]): Labelled {
		for (const [axis, label] of labels.entries())
			this.#origins.set(label, { index, axis });
		const unique = [...new Set(labels)];
		if (unique.length === labels.length) return { labels, source: index };
		const letter = (label: string) =>
			String.fromCharCode(97 + unique.indexOf(label));
		const equation = `${labels.map(letter).join("")}->${unique.map(letter).join("")}`;
		const inputs = [this.#context.input(index)];
		return {
			labels: unique,
			source: this.#context.emit("Einsum", inputs, { equation }),
		};
	}

	/** The sum over all labels that are not in `kept`. */
	summed(tensor: Labelled, kept: readonly string[]): Labelled {
		const axes = [...tensor.labels.keys()].filter(
			(axis) => !kept.includes(tensor.labels[axis]),
		);
		if (axes.length === 0) return tensor;
		const { emit, ints } = this.#context;
		const inputs = [this.#valueOf(tensor), ints(axes)];
		return {
			labels: tensor.labels.filter((label) => kept.includes(label)),
			source: emit("ReduceSum", inputs, { keepdims: 0 }),
		};
	}

	/** The product element by element, with labels in this order. */
	product(
		left: Labelled,
		right: Labelled,
		labels: readonly string[],
	): Labelled {
		const operands = [left, right].map((tensor) =>
			this.#arranged(
				tensor,
				labels.map((label) => (tensor.labels.includes(label) ? [label] : [])),
			),
		);
		return { labels, source: this.#context.emit("Mul", operands) };
	}

	/** Sums products of rows of the left with columns of the right. */
	matrixProduct(
		left: Labelled,
		right: Labelled,
		{ batch, rows, columns, summed }: MatrixLabels,
	): Labelled {
		const single = (labels: readonly string[]) =>
			labels.map((label) => [label]);
		// without a batch, the rows may be several axes
		const rowGroups =
			batch.length === 0 && rows.length > 0 ? single(rows) : [rows];
		const value = this.#context.emit("MatMul", [
			this.#arranged(left, [...single(batch), ...rowGroups, summed]),
			this.#arranged(right, [...single(batch), summed, columns]),
		]);
		const groups = [...single(batch), ...rowGroups, columns];
		const labels = [...batch, ...rows, ...columns];
		return { labels, source: this.#reshaped(value, groups, single(labels)) };
	}

	/** The labels in this order; a label that occurs twice gets a diagonal, zero beside it. */
	finished(tensor: Labelled, labels: readonly string[]): OnnxValue {
		const unique = [...new Set(labels)];
		const value = this.#arranged(
			tensor,
			unique.map((label) => [label]),
		);
		if (unique.length === labels.length) return value;
		const groups = unique.map((label) => [label]);
		return this.#withDiagonals(value, groups, labels);
	}

	#valueOf({ source }: Labelled): OnnxValue {
		return typeof source === "number" ? this.#context.input(source) : source;
	}

	/** The tensor with its labels in the order of the groups, each group one axis. */
	#arranged(tensor: Labelled, groups: Groups): OnnxValue {
		const order = groups.flat().map((label) => tensor.labels.indexOf(label));
		const constant = this.#arrangedConstant(tensor, groups, order);
		if (constant !== undefined) return constant;
		const value = this.#valueOf(tensor);
		const sorted = order.every((axis, i) => axis === i);
		const turned = sorted
			? value
			: this.#context.emit("Transpose", [value], { perm: order });
		const single = groups.flat().map((label) => [label]);
		return this.#reshaped(turned, single, groups);
	}

	#arrangedConstant(
		{ source }: Labelled,
		groups: Groups,
		order: readonly number[],
	): OnnxValue | undefined {
		if (typeof source !== "number") return undefined;
		const lengths = groups.map((group) => group.length);
		return this.#context.derived(
			source,
			`einsum ${order} ${lengths}`,
			(constant) => {
				const turned = transposedConstant(constant, order);
				let axis = 0;
				const shape = lengths.map((length) => {
					const sizes = turned.shape.slice(axis, axis + length);
					axis += length;
					return sizes.reduce((a, b) => a * b, 1);
				});
				return reshapedConstant(turned, shape);
			},
		);
	}

	/** Joins or splits axes, whose labels stay in their order. */
	#reshaped(value: OnnxValue, from: Groups, to: Groups): OnnxValue {
		if (
			from.length === to.length &&
			from.every((group, i) => sameGroup(group, to[i]))
		)
			return value;
		const { emit, ints } = this.#context;
		const sizes = to.map((group, axis) => this.#knownSize(from, group, axis));
		const unknown = sizes.filter((size) => size < 0).length;
		if (unknown <= 1) return emit("Reshape", [value, ints(sizes)]);
		const shape = to.map((group, axis) =>
			sizes[axis] >= 0 ? ints([sizes[axis]]) : this.#computedSize(group),
		);
		return emit("Reshape", [value, emit("Concat", shape, { axis: 0 })]);
	}

	/** The size of a group; 0 where ONNX copies that of the same axis, -1 where it is not known. */
	#knownSize(from: Groups, group: readonly string[], axis: number): number {
		if (axis < from.length && sameGroup(from[axis], group)) return 0;
		const sizes = group.map((label) => this.#sizes.get(label) ?? -1);
		return sizes.some((size) => size < 0)
			? -1
			: sizes.reduce((product, size) => product * size, 1);
	}

	#computedSize(group: readonly string[]): OnnxValue {
		const sizes = group.map((label) => this.#sizeOf(label));
		return sizes.reduce((a, b) => this.#context.emit("Mul", [a, b]));
	}

	#sizeOf(label: string): OnnxValue {
		const origin = this.#origins.get(label);
		const size = this.#sizes.get(label) ?? -1;
		if (size >= 0 || origin === undefined) return this.#context.ints([size]);
		return this.#context.emit(
			"Shape",
			[this.#context.input(origin.index)],
			{ start: origin.axis, end: origin.axis + 1 },
			{ dtype: "int64" },
		);
	}

	/** Spreads axes over diagonals: every label that occurs again selects where its indices are equal. */
	#withDiagonals(
		value: OnnxValue,
		groups: Groups,
		labels: readonly string[],
	): OnnxValue {
		const { emit, ints, scalar } = this.#context;
		const first = labels.map((label, axis) => labels.indexOf(label) === axis);
		const spread = this.#reshaped(
			value,
			groups,
			labels.map((label, axis) => (first[axis] ? [label] : [])),
		);
		const zero = scalar(value.dtype, 0);
		return labels.reduce((result, label, axis) => {
			if (first[axis]) return result;
			const axes = [labels.indexOf(label), axis];
			const along = axes.map((at) => {
				const others = labels.map((_, i) => i).filter((i) => i !== at);
				return emit("Unsqueeze", [this.#indices(label), ints(others)]);
			});
			const onDiagonal = emit("Equal", along, {}, { dtype: "bool" });
			return emit(
				"Where",
				[onDiagonal, result, zero],
				{},
				{ dtype: value.dtype },
			);
		}, spread);
	}

	/** 0, 1, … below the size of a label. */
	#indices(label: string): OnnxValue {
		const { emit, ints, scalar } = this.#context;
		const size = emit("Squeeze", [this.#sizeOf(label), ints([0])]);
		return emit("Range", [scalar("int64", 0), size, scalar("int64", 1)]);
	}
}

function sameGroup(a: readonly string[], b: readonly string[]): boolean {
	return a.length === b.length && a.every((label, i) => label === b[i]);
}
