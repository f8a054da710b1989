import type { Tensors } from "../../engines/engine.js";
import { fail } from "../../errors.js";
import { DTYPES, type NumericArray } from "../../tensor/dtype.js";
import { joinRows, sliceRows } from "../../tensor/rows.js";
import { allocate, elementCount, type Tensor } from "../../tensor/tensor.js";

/**
 * Inputs one after another along their rows, which are filled up by `padding` times the first row of the last ones, as
 * upstream does: that row is known to be valid. `pads` says that other dimensions may differ; see `padded`.
 */
export function joinInputs(
	parts: readonly Tensors[],
	padding: number,
	pads: boolean,
): Tensors {
	return Object.fromEntries(
		Object.keys(parts[0]).map((name) => {
			const given = parts.map((part) => part[name]);
			const fitting = pads ? padded(given) : given;
			const filler = padding === 0 ? [] : fillerOf(fitting, padding);
			return [name, joinRows([...fitting, ...filler])];
		}),
	);
}

/**
 * What belongs to each of several inputs that were joined, the filler being left out; `total` counts it. Fails with MISMATCH, in
 * upstream's words, where outputs do not have the rows of the inputs.
 */
export function splitOutputs(
	outputs: Tensors,
	rows: readonly number[],
	total: number,
): Tensors[] {
	for (const { shape } of Object.values(outputs)) {
		if (shape.length === 0)
			throw fail("MISMATCH", "Batched output tensor has 0 dimensions");
		if (shape[0] !== total)
			throw fail(
				"MISMATCH",
				"Batched output tensor's 0th dimension does not equal the sum of the 0th dimension sizes of the input tensors",
			);
	}
	const entries = Object.entries(outputs);
	let from = 0;
	return rows.map((count) => {
		const start = from;
		from += count;
		return Object.fromEntries(
			entries.map(([name, output]) => [name, sliceRows(output, start, from)]),
		);
	});
}

function fillerOf(parts: readonly Tensor[], count: number): Tensor[] {
	const first = sliceRows(parts[parts.length - 1], 0, 1);
	return new Array<Tensor>(count).fill(first);
}

/** Upstream pads no more (batching_util.cc). */
export const MAX_PADDED_RANK = 6;

/** Tensors of one rank, enlarged to the largest of each dimension but the first: what is added is each tensor's first element. */
function padded(parts: readonly Tensor[]): readonly Tensor[] {
	const rank = parts[0].shape.length;
	const largest = Array.from({ length: rank }, (_, axis) =>
		Math.max(...parts.map(({ shape }) => shape[axis])),
	);
	return parts.map((part) =>
		enlarged(part, [part.shape[0], ...largest.slice(1)]),
	);
}

function enlarged(tensor: Tensor, wanted: readonly number[]): Tensor {
	const { dtype, shape, data } = tensor;
	if (shape.every((size, axis) => size === wanted[axis])) return tensor;
	const { lanes } = DTYPES[dtype];
	const made = allocate(dtype, elementCount(wanted));
	// a view on either kind of list: both are filled and copied alike
	const target = made as NumericArray & Uint8Array[];
	if (data.length > 0)
		for (let i = 0; i < target.length; i++)
			target[i] = data[i % lanes] as (typeof target)[number];
	const run = shape[shape.length - 1] * lanes;
	const index = new Array<number>(shape.length - 1).fill(0);
	for (let from = 0; run > 0 && from < data.length; from += run) {
		const to = offsetOf(index, wanted) * lanes;
		for (let i = 0; i < run; i++)
			target[to + i] = data[from + i] as (typeof target)[number];
		advance(index, shape);
	}
	return { dtype, shape: wanted, data: made };
}

/** Where the row of the last dimension begins that all other indices name. */
function offsetOf(index: readonly number[], shape: readonly number[]): number {
	let offset = 0;
	for (const [axis, at] of index.entries()) offset = offset * shape[axis] + at;
	return offset * shape[shape.length - 1];
}

function advance(index: number[], shape: readonly number[]): void {
	for (let axis = index.length - 1; axis >= 0; axis--) {
		if (++index[axis] < shape[axis]) return;
		index[axis] = 0;
	}
}
