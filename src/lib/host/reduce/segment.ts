import { fail } from "../../errors.js";
import type { segmentOps } from "../../ops/reduce/segment.js";
import {
	DTYPES,
	type NumericArray,
	type TypedArray,
} from "../../tensor/dtype.js";
import { integersOf } from "../../tensor/integers.js";
import { takeRows } from "../../tensor/row-copy.js";
import {
	allocate,
	elementCount,
	showShape,
	type Tensor,
	type TensorData,
} from "../../tensor/tensor.js";
import { numbersOf, rounded } from "../elementwise.js";
import type { HostKernel, HostTable } from "../kernel.js";

/** What the sum of so many rows is divided by; a sum of integers is not. */
type Divisor = ((count: number) => number) | undefined;

const count = (rows: number) => rows;

export const segmentKernels: HostTable<typeof segmentOps> = {
	SparseSegmentSum: gatheredSegments(undefined),
	SparseSegmentMean: gatheredSegments(count),
	SparseSegmentSqrtN: gatheredSegments(Math.sqrt),
	SparseSegmentSumWithNumSegments: gatheredSegments(undefined),
	SparseSegmentMeanWithNumSegments: gatheredSegments(count),
	SparseSegmentSqrtNWithNumSegments: gatheredSegments(Math.sqrt),
};

/**
 * `SparseSegmentSum` and its kin (kernels/segment_reduction_ops_impl.h): rows of a table, those of one id added. An id
 * without rows is zeros; ids must not fall.
 */
function gatheredSegments(divisor: Divisor): HostKernel {
	return (_, [table, indexTensor, idTensor, countTensor]) => {
		const { dtype, shape } = table;
		const [indices, ids] = [integersOf(indexTensor), integersOf(idTensor)];
		checkIndices(indices, ids, shape);
		const last = ids.length === 0 ? 0 : ids[ids.length - 1] + 1;
		const segments =
			countTensor === undefined ? last : integersOf(countTensor)[0];
		if (segments < last)
			throw fail(
				"INVALID",
				`cannot add rows of id ${last - 1}: there are ${segments} ids`,
			);
		const sums = addedRows(table, indices, ids, segments);
		if (divisor !== undefined) divideRows(sums, ids, segments, divisor);
		return [
			{
				dtype,
				shape: [segments, ...shape.slice(1)],
				data: isFloat(dtype)
					? rounded(dtype, sums)
					: (sums as TypedArray as TensorData),
			},
		];
	};
}

function checkIndices(
	indices: NumericArray,
	ids: NumericArray,
	shape: readonly number[],
): void {
	if (indices.length !== ids.length || shape.length === 0)
		throw fail(
			"INVALID",
			`cannot add ${indices.length} rows of a table of shape ${showShape(shape)} under ${ids.length} ids`,
		);
	for (let i = 0; i < ids.length; i++) {
		if (!(indices[i] >= 0 && indices[i] < shape[0]))
			throw fail(
				"INVALID",
				`cannot take row ${indices[i]} of a table of ${shape[0]} rows (index ${i})`,
			);
		if (!(ids[i] >= (i === 0 ? 0 : ids[i - 1])))
			throw fail(
				"INVALID",
				`cannot add rows under id ${ids[i]} (row ${i}): ids start at 0 and must not fall`,
			);
	}
}

/** Sums of floats are kept in double precision, those of integers in their own type, where they wrap. */
function addedRows(
	table: Tensor,
	indices: NumericArray,
	ids: NumericArray,
	segments: number,
): NumericArray {
	const { dtype, shape } = table;
	const width = elementCount(shape.slice(1));
	const isHalf = DTYPES[dtype].kind === "half";
	// of a table of halves only what is used is decoded
	const values = numbersOf(
		isHalf ? takeRows(table, indices) : table,
	) as NumericArray;
	const size = elementCount([segments, width]);
	const sums = isFloat(dtype)
		? new Float64Array(size)
		: (allocate(dtype, size) as NumericArray);
	for (let i = 0; i < ids.length; i++) {
		const from = (isHalf ? i : indices[i]) * width;
		const to = ids[i] * width;
		for (let k = 0; k < width; k++) sums[to + k] += values[from + k];
	}
	return sums;
}

function divideRows(
	sums: NumericArray,
	ids: NumericArray,
	segments: number,
	divisor: (count: number) => number,
): void {
	const width = segments === 0 ? 0 : sums.length / segments;
	for (let start = 0; start < ids.length; ) {
		let end = start + 1;
		while (end < ids.length && ids[end] === ids[start]) end++;
		const by = divisor(end - start);
		const to = ids[start] * width;
		for (let k = to; k < to + width; k++) sums[k] /= by;
		start = end;
	}
}

function isFloat(dtype: Tensor["dtype"]): boolean {
	const { kind } = DTYPES[dtype];
	return kind === "float" || kind === "half";
}
