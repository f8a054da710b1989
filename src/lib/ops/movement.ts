import type { ValueName } from "../graph/ir.js";
import type { DType } from "../tensor/dtype.js";
import { tensorFromNumbers } from "../tensor/numbers.js";
import type { ExpandContext } from "./define.js";

/** A size or index: known, or a scalar of int64. */
export type Count = ValueName | number;

/** TensorFlow nodes that describe and move tensors, for composite ops. Sizes and indices that they make and take are int64. */
export interface Movement {
	/** A constant vector. */
	ints(values: readonly number[]): ValueName;
	/** A scalar: a constant, or the value itself. */
	scalar(count: Count): ValueName;
	/** A scalar as a vector of one. */
	vector(scalar: ValueName): ValueName;
	shapeOf(x: ValueName): ValueName;
	/** Elements `from` up to `to` of a vector, or all that follow; negative ones count from its end. */
	part(vector: ValueName, from: number, to?: number): ValueName;
	/** One element of a vector, as a scalar. */
	element(vector: ValueName, index: number): ValueName;
	/** Vectors behind one another; a number is a vector of one. */
	joined(...vectors: readonly (ValueName | number)[]): ValueName;
	product(vector: ValueName): ValueName;
	/** 0, 1, … `count` − 1. */
	range(count: Count): ValueName;
	/** Inserts an axis of size 1. */
	expand(x: ValueName, axis: number): ValueName;
	reshape(x: ValueName, shape: ValueName): ValueName;
	gather(x: ValueName, indices: ValueName, axis: number): ValueName;
	fill(shape: ValueName, value: ValueName): ValueName;
	/** An integer value as int64. */
	int64(x: ValueName, from: DType): ValueName;
}

export function movement(context: ExpandContext): Movement {
	const { add } = context;
	const ints = (values: readonly number[]) =>
		context.constantOf(tensorFromNumbers("int64", [values.length], values));
	const scalar = (count: Count) =>
		typeof count === "number" ? context.scalar("int64", count) : count;
	const axisOf = (axis: number) => context.scalar("int32", axis);
	const slice = (
		vector: ValueName,
		from: number,
		to: number,
		masks: Readonly<Record<string, number>>,
	) =>
		add("StridedSlice", [vector, ints([from]), ints([to]), ints([1])], {
			T: "int64",
			Index: "int64",
			...masks,
		});
	const reshape = (x: ValueName, shape: ValueName) =>
		add("Reshape", [x, shape], { Tshape: "int64" });
	const expand = (x: ValueName, axis: number) =>
		add("ExpandDims", [x, axisOf(axis)], { Tdim: "int32" });
	return {
		ints,
		scalar,
		vector: (x) => expand(x, 0),
		shapeOf: (x) => add("Shape", [x], { out_type: "int64" }),
		part: (vector, from, to) =>
			slice(vector, from, to ?? 0, to === undefined ? { end_mask: 1 } : {}),
		element: (vector, index) =>
			slice(vector, index, index + 1, { shrink_axis_mask: 1 }),
		joined: (...vectors) =>
			add(
				"ConcatV2",
				[
					...vectors.map((vector) =>
						typeof vector === "number" ? ints([vector]) : vector,
					),
					axisOf(0),
				],
				{
					N: vectors.length,
					T: "int64",
					Tidx: "int32",
				},
			),
		product: (vector) =>
			add("Prod", [vector, axisOf(0)], {
				T: "int64",
				Tidx: "int32",
				keep_dims: false,
			}),
		range: (count) =>
			add("Range", [scalar(0), scalar(count), scalar(1)], { Tidx: "int64" }),
		expand,
		reshape,
		gather: (x, indices, axis) =>
			add("GatherV2", [x, indices, axisOf(axis)], {
				Tindices: "int64",
				Taxis: "int32",
				batch_dims: 0,
			}),
		fill: (shape, value) =>
			add("Fill", [shape, value], { index_type: "int64" }),
		int64: (x, from) =>
			from === "int64"
				? x
				: add("Cast", [x], { SrcT: from, DstT: "int64", Truncate: false }),
	};
}
