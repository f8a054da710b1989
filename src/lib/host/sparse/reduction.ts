import { boolAttr } from "../../graph/attrs.js";
import { normalizeAxis } from "../../ops/shapes.js";
import { DTYPES, type NumericArray } from "../../tensor/dtype.js";
import { integersOf, longTensor } from "../../tensor/integers.js";
import { placeRows } from "../../tensor/row-copy.js";
import { allocate, elementCount, type Tensor } from "../../tensor/tensor.js";
import { isReal, numbersOf, rounded } from "../elementwise.js";
import type { HostKernel } from "../kernel.js";
import { coordinatesOf, placesOf, rising, sparseOf } from "./coordinates.js";

/** How two values become one, of numbers or of bigints. */
type Combine = (a: number, b: number) => number;

const COMBINE = {
	Sum: (a: number, b: number) => a + b,
	Max: (a: number, b: number) => (a < b ? b : a),
} as const;

/** `SparseReduceSum` and `SparseReduceMax` (kernels/sparse_reduce_op.cc): a dense tensor, 0 where there are no values. */
export function sparseReduce(kind: keyof typeof COMBINE): HostKernel {
	return (node, inputs) => {
		const groups = groupsOf(inputs, COMBINE[kind]);
		if (groups === undefined) return undefined;
		const shape = boolAttr(node, "keep_dims") ? groups.kept : groups.sizes;
		const count = elementCount(groups.sizes);
		return [{ ...placeRows(groups.totals, groups.places, count), shape }];
	};
}

/** As `sparseReduce`, and the result is sparse. */
export function sparseReduceSparse(kind: keyof typeof COMBINE): HostKernel {
	return (node, inputs) => {
		const groups = groupsOf(inputs, COMBINE[kind]);
		if (groups === undefined) return undefined;
		const shape = boolAttr(node, "keep_dims") ? groups.kept : groups.sizes;
		const count = groups.places.length;
		return [
			longTensor([count, shape.length], coordinatesOf(groups.places, shape)),
			groups.totals,
			longTensor([shape.length], shape),
		];
	};
}

interface Groups {
	/** The sizes of the axes that stay, and those with a 1 for each that goes. */
	readonly sizes: readonly number[];
	readonly kept: readonly number[];
	/** Where there is a total, in order. */
	readonly places: Float64Array;
	readonly totals: Tensor;
}

/** Values that share a place along the axes that stay: all where none is given. */
function groupsOf(
	[indices, values, shapeTensor, axesTensor]: readonly Tensor[],
	combine: Combine,
): Groups | undefined {
	const sparse = sparseOf(indices, values, shapeTensor);
	const { shape, rank } = sparse;
	const { lanes, kind } = DTYPES[values.dtype];
	if (!isReal(values.dtype) && combine !== COMBINE.Sum) return undefined;
	const gone = new Set(
		Array.from(integersOf(axesTensor), (axis) => normalizeAxis(axis, rank)),
	);
	const axes = shape.map((_, axis) => axis).filter((axis) => !gone.has(axis));
	const places = placesOf(sparse, axes);
	placesOf(sparse, [...gone]);
	const order = rising(places);
	const found: number[] = [];
	const isHalf = kind === "half";
	const totals = allocate(
		isHalf ? "float32" : values.dtype,
		sparse.count,
	) as NumericArray;
	const data = numbersOf(values) as NumericArray;
	for (const row of order) {
		const isNew = places[row] !== found[found.length - 1];
		if (isNew) found.push(places[row]);
		const to = (found.length - 1) * lanes;
		for (let lane = 0; lane < lanes; lane++)
			totals[to + lane] = isNew
				? data[row * lanes + lane]
				: combine(totals[to + lane], data[row * lanes + lane]);
	}
	const made = totals.subarray(0, found.length * lanes);
	return {
		sizes: axes.map((axis) => shape[axis]),
		kept: shape.map((size, axis) => (axes.includes(axis) ? size : 1)),
		places: Float64Array.from(found),
		totals: {
			dtype: values.dtype,
			shape: [found.length],
			data: isHalf ? rounded(values.dtype, made) : made,
		},
	};
}

/** `SparseSoftmax`: over the values of each row of the last axis that are there. */
export const sparseSoftmax: HostKernel = (
	_,
	[indices, values, shapeTensor],
) => {
	const sparse = sparseOf(indices, values, shapeTensor);
	const rows = placesOf(
		sparse,
		sparse.shape.slice(0, -1).map((_, axis) => axis),
	);
	const data = numbersOf(values) as NumericArray;
	const highest = new Map<number, number>();
	for (let i = 0; i < data.length; i++)
		highest.set(rows[i], Math.max(data[i], highest.get(rows[i]) ?? -Infinity));
	const sums = new Map<number, number>();
	const powers = Float64Array.from(data, (value, i) => {
		const power = Math.exp(value - (highest.get(rows[i]) ?? 0));
		sums.set(rows[i], (sums.get(rows[i]) ?? 0) + power);
		return power;
	});
	const results = powers.map((power, i) => power / (sums.get(rows[i]) ?? 1));
	return [{ ...values, data: rounded(values.dtype, results) }];
};
