import { fail } from "../../errors.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import { allocate, type Tensor, type TensorData } from "../../tensor/tensor.js";
import { MISSING } from "./feature-values.js";

/** One long example among many short ones pads all of them: a batch stays below this many elements. */
const MAX_ELEMENTS = 2 ** 28;

/** Fails with INVALID for more elements than a batch may be padded to. */
export function checkedSize(count: number): number {
	if (count <= MAX_ELEMENTS) return count;
	throw fail(
		"INVALID",
		`cannot pad a batch to ${count} elements: at most ${MAX_ELEMENTS} are made`,
	);
}

/** Copies `count` elements between arrays of one type. */
export function copyElements(
	source: TensorData,
	from: number,
	target: TensorData,
	to: number,
	count: number,
): void {
	const given = source as Float32Array;
	const taken = target as Float32Array;
	for (let i = 0; i < count; i++) taken[to + i] = given[from + i];
}

/** An int64 vector. */
export function indexTensor(values: readonly number[]): Tensor {
	return {
		dtype: "int64",
		shape: [values.length],
		data: BigInt64Array.from(values, BigInt),
	};
}

/** Where rows of so many values start, and where the last one ends; a missing one has none. */
export function splitsOf(counts: ArrayLike<number>, dtype: DType): Tensor {
	const data = allocate(dtype, counts.length + 1) as Int32Array;
	const isBig = DTYPES[dtype].kind === "bigint";
	// the low halves of int64
	const words = isBig ? new Int32Array(data.buffer) : data;
	const step = isBig ? 2 : 1;
	let sum = 0;
	for (let i = 0; i < counts.length; i++) {
		if (counts[i] !== MISSING) sum += counts[i];
		words[(i + 1) * step] = sum;
	}
	return { dtype, shape: [data.length], data };
}
