import { fail } from "../../errors.js";
import { DTYPES, type NumericArray } from "../../tensor/dtype.js";
import { longTensor } from "../../tensor/integers.js";
import { takeRows } from "../../tensor/row-copy.js";
import { allocate, showShape, type Tensor } from "../../tensor/tensor.js";
import { isReal, numbersOf, rounded } from "../elementwise.js";
import type { HostKernel } from "../kernel.js";
import {
	placesOf,
	type Sparse,
	sparseOf,
	takenIndices,
} from "./coordinates.js";

/** `SparseAdd` (kernels/sparse_add_op.cc): values at the places of either; sums of two that are nearer to 0 than the threshold are left out. */
export const sparseAdd: HostKernel = (_, inputs) => {
	const union = unionOf(
		sparseOf(inputs[0], inputs[1], inputs[2]),
		sparseOf(inputs[3], inputs[4], inputs[5]),
	);
	const sums = added(union.a, union.b);
	const threshold = Number(numbersOf(inputs[6])[0]);
	const magnitudes = magnitudesOf(sums);
	const kept: number[] = [];
	for (let i = 0; i < magnitudes.length; i++)
		if (!union.isShared[i] || threshold <= magnitudes[i]) kept.push(i);
	return [
		longTensor(
			[kept.length, inputs[0].shape[1]],
			takenIndices({ indices: union.indices, rank: inputs[0].shape[1] }, kept),
		),
		takeRows(sums, kept),
		inputs[2],
	];
};

/** `SparseSparseMaximum` and its kin: the larger of the values at each place of either, where a missing one is 0. */
export function sparseExtreme(
	choose: (a: number | bigint, b: number | bigint) => boolean,
): HostKernel {
	return (_, inputs) => {
		if (!isReal(inputs[1].dtype)) return undefined;
		const union = unionOf(
			sparseOf(inputs[0], inputs[1], inputs[2]),
			sparseOf(inputs[3], inputs[4], inputs[5]),
		);
		const [a, b] = [numbersOf(union.a), numbersOf(union.b)];
		const data = union.a.data.slice() as NumericArray;
		for (let i = 0; i < a.length; i++)
			if (!choose(a[i], b[i])) data[i] = (union.b.data as NumericArray)[i];
		const rank = inputs[0].shape[1];
		return [
			longTensor([union.indices.length / rank, rank], union.indices),
			{ ...union.a, data },
		];
	};
}

/** The places of two sparse tensors, and what each has there: 0 where it has nothing. */
interface Union {
	readonly indices: Float64Array;
	readonly a: Tensor;
	readonly b: Tensor;
	/** For each place whether both have a value there. */
	readonly isShared: readonly boolean[];
}

/** Both are walked side by side, as TensorFlow does it, which takes them to be in order. */
function unionOf(a: Sparse, b: Sparse): Union {
	if (showShape(a.shape) !== showShape(b.shape))
		throw fail(
			"INVALID",
			`cannot combine sparse tensors of shapes ${showShape(a.shape)} and ${showShape(b.shape)}`,
		);
	const [placesA, placesB] = [placesOf(a), placesOf(b)];
	const rowsA: number[] = [];
	const rowsB: number[] = [];
	for (let i = 0, j = 0; i < a.count || j < b.count; ) {
		const order =
			i === a.count ? 1 : j === b.count ? -1 : placesA[i] - placesB[j];
		rowsA.push(order <= 0 ? i++ : -1);
		rowsB.push(order >= 0 ? j++ : -1);
	}
	const { rank } = a;
	const indices = new Float64Array(rowsA.length * rank);
	for (let row = 0; row < rowsA.length; row++) {
		const [from, at] =
			rowsA[row] >= 0
				? [a.indices, rowsA[row] * rank]
				: [b.indices, rowsB[row] * rank];
		for (let axis = 0; axis < rank; axis++)
			indices[row * rank + axis] = from[at + axis];
	}
	return {
		indices,
		isShared: rowsA.map((row, i) => row >= 0 && rowsB[i] >= 0),
		a: takeRows(a.values, rowsA),
		b: takeRows(b.values, rowsB),
	};
}

function added(a: Tensor, b: Tensor): Tensor {
	const [x, y] = [numbersOf(a) as NumericArray, numbersOf(b) as NumericArray];
	const isHalf = DTYPES[a.dtype].kind === "half";
	const sums = allocate(
		isHalf ? "float32" : a.dtype,
		a.shape[0],
	) as NumericArray;
	for (let i = 0; i < sums.length; i++) sums[i] = x[i] + y[i];
	return { ...a, data: isHalf ? rounded(a.dtype, sums) : sums };
}

function magnitudesOf(x: Tensor): ArrayLike<number> {
	const values = numbersOf(x);
	if (DTYPES[x.dtype].kind === "complex")
		return Float64Array.from({ length: x.shape[0] }, (_, i) =>
			Math.hypot(Number(values[2 * i]), Number(values[2 * i + 1])),
		);
	return Float64Array.from(values as NumericArray, (value) =>
		Math.abs(Number(value)),
	);
}
