import type { ValueName } from "../graph/ir.js";
import type { DType } from "../tensor/dtype.js";
import { longTensor } from "../tensor/integers.js";
import type { ExpandContext } from "./define.js";
import { castTo, formula, type Term } from "./formula.js";

/** Vectors of int64 in TensorFlow nodes: how rows of unequal length and values with places are computed without a host. */
export interface Vectors {
	/** A constant vector. */
	of(...elements: number[]): ValueName;
	/** A vector of one scalar, or of one element of a vector, counted from its end where negative. */
	only(scalar: Term): ValueName;
	at(vector: ValueName, index: number): ValueName;
	/** Elements `from` up to `to`, both counted from the end where negative. */
	cut(vector: ValueName, from: number, to?: number): ValueName;
	join(vectors: readonly ValueName[]): ValueName;
	/** Columns side by side: a matrix of vectors or matrices of as many rows. */
	columns(parts: readonly ValueName[]): ValueName;
	/** A vector as a matrix of one column, or of one row. */
	column(vector: ValueName): ValueName;
	row(vector: ValueName): ValueName;
	/** 0, 1, … up to a scalar. */
	range(count: ValueName): ValueName;
	/** The number of elements of a tensor of any type. */
	size(value: ValueName, dtype?: DType): ValueName;
	/** The sizes of a tensor of any type. */
	shape(value: ValueName, dtype?: DType): ValueName;
	/** Rows of a tensor of any type. */
	take(rows: ValueName, places: ValueName, dtype?: DType): ValueName;
	/** Sums up to each element, with itself or before it. */
	sums(vector: ValueName, exclusive?: boolean): ValueName;
	/** The product of all elements. */
	product(vector: ValueName): ValueName;
	/** The largest element, 0 where there is none above it. */
	largest(vector: ValueName): ValueName;
	/** For each id below `count` the sum of the elements that have it. */
	sumsById(elements: ValueName, ids: ValueName, count: ValueName): ValueName;
	/** As many ones as a vector has elements. */
	ones(vector: ValueName): ValueName;
	/** How far apart elements are along each axis of a tensor of such a shape. */
	strides(shape: ValueName): ValueName;
	/** [n] places in a tensor of such a shape, row by row, as coordinates [n, rank]. */
	coordinates(places: ValueName, shape: ValueName): ValueName;
	reshape(value: ValueName, shape: ValueName, dtype?: DType): ValueName;
}

const T = "int64";

export function vectors(context: ExpandContext): Vectors {
	const { add, scalar, constantOf } = context;
	const { max, floorDiv, floorMod } = formula(context, T);
	const index = (value: number) => scalar("int32", value);
	const of = (...elements: number[]) =>
		constantOf(longTensor([elements.length], elements));
	const reshape = (value: ValueName, shape: ValueName, dtype: DType = T) =>
		add("Reshape", [value, shape], { T: dtype, Tshape: T });
	const joined = (parts: readonly ValueName[], axis: number) =>
		add("ConcatV2", [...parts, index(axis)], {
			N: parts.length,
			T,
			Tidx: "int32",
		});
	const only = (term: Term) =>
		typeof term === "number" ? of(term) : reshape(term, of(1));
	const cut = (vector: ValueName, from: number, to?: number) =>
		add("StridedSlice", [vector, of(from), of(to ?? 0), of(1)], {
			T,
			Index: T,
			begin_mask: 0,
			end_mask: to === undefined ? 1 : 0,
			ellipsis_mask: 0,
			new_axis_mask: 0,
			shrink_axis_mask: 0,
		});
	const running =
		(op: string, exclusive: boolean, reverse: boolean) => (vector: ValueName) =>
			add(op, [vector, index(0)], { T, Tidx: "int32", exclusive, reverse });
	const reduced = (op: string) => (vector: ValueName) =>
		add(op, [vector, index(0)], { T, Tidx: "int32", keep_dims: false });
	const strides = running("Cumprod", true, true);
	const shape = (value: ValueName, dtype: DType = T) =>
		add("Shape", [value], { T: dtype, out_type: T });
	const column = (vector: ValueName) => reshape(vector, of(-1, 1));
	const row = (vector: ValueName) => reshape(vector, of(1, -1));
	return {
		of,
		only,
		cut,
		column,
		row,
		strides,
		reshape,
		shape,
		at: (vector, at) => reshape(cut(vector, at, at + 1 || undefined), of()),
		join: (parts) => joined(parts, 0),
		columns: (parts) => joined(parts, 1),
		range: (count) =>
			add("Range", [scalar(T, 0), count, scalar(T, 1)], { Tidx: T }),
		size: (value, dtype = T) => add("Size", [value], { T: dtype, out_type: T }),
		take: (rows, places, dtype = T) =>
			add("GatherV2", [rows, places, index(0)], {
				Tparams: dtype,
				Tindices: T,
				Taxis: "int32",
			}),
		sums: (vector, exclusive = false) =>
			running("Cumsum", exclusive, false)(vector),
		product: reduced("Prod"),
		// the largest of none is the smallest integer
		largest: (vector) => max(reduced("Max")(vector), 0),
		sumsById: (elements, ids, count) =>
			add("UnsortedSegmentSum", [elements, ids, count], {
				T,
				Tindices: T,
				Tnumsegments: T,
			}),
		ones: (vector) => add("OnesLike", [vector], { T }),
		// of a tensor without elements nothing has a place, but runtimes divide all the same
		coordinates: (places, sizes) => {
			const some = max(sizes, 1);
			return floorMod(floorDiv(column(places), row(strides(some))), row(some));
		},
	};
}

/** An integer tensor of the context's as int64. */
export function longInput(context: ExpandContext, index: number): ValueName {
	return castTo(context, context.inputs[index], context.types[index].dtype, T);
}
