import { fail } from "../../errors.js";
import { integerData, integersOf, longTensor } from "../../tensor/integers.js";
import { takeRows } from "../../tensor/row-copy.js";
import { elementCount, type Tensor } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import { nestedSplits, rowsOfSplits, widest } from "./partition.js";

/** `RaggedGather` (kernels/ragged_gather_op.cc): rows of the outermost axis; the axes of the indices become ragged ones. */
export const raggedGather: HostKernel = (_, inputs) => {
	const tensors = inputs.slice(0, -2);
	const [values, indexTensor] = inputs.slice(-2);
	const splits = nestedSplits(tensors, values.shape[0]);
	const indices = integersOf(indexTensor);
	let rows = Int32Array.from(indices);
	const made: number[][] = uniformSplits(indexTensor.shape);
	for (const axis of splits) {
		const gathered = childrenOf(axis, rows);
		made.push(gathered.splits);
		rows = gathered.children;
	}
	const { dtype } = tensors[0];
	return [
		...made.map((list) => ({
			dtype,
			shape: [list.length],
			data: integerData(dtype, list),
		})),
		takeRows(values, rows),
	];
};

/** Splits into rows of one length, for all axes of a shape but the first. */
export function uniformSplits(shape: readonly number[]): number[][] {
	let rows = 1;
	return shape.slice(0, -1).map((size, axis) => {
		rows *= size;
		const width = shape[axis + 1];
		return Array.from({ length: rows + 1 }, (_, row) => row * width);
	});
}

/** The splits of chosen rows, and what they hold. */
function childrenOf(
	splits: ArrayLike<number>,
	rows: Int32Array,
): { readonly splits: number[]; readonly children: Int32Array<ArrayBuffer> } {
	const count = splits.length - 1;
	const taken = [0];
	let total = 0;
	for (const row of rows) {
		if (row < 0 || row >= count)
			throw fail(
				"INVALID",
				`cannot take row ${row} of a ragged tensor: it has ${count} rows`,
			);
		total += splits[row + 1] - splits[row];
		taken.push(total);
	}
	const children = new Int32Array(total);
	let to = 0;
	for (const row of rows)
		for (let at = splits[row]; at < splits[row + 1]; at++) children[to++] = at;
	return { splits: taken, children };
}

/** `RaggedTensorToSparse` (kernels/ragged_tensor_to_sparse_kernel.cc): where each element stands, row by row. */
export const raggedTensorToSparse: HostKernel = (_, inputs) => {
	const values = inputs[inputs.length - 1];
	const splits = nestedSplits(inputs.slice(0, -1), values.shape[0]);
	const inner = values.shape.slice(1);
	const rank = splits.length + 1 + inner.length;
	const count = elementCount(values.shape);
	const indices = new Float64Array(count * rank);
	const width = inner.reduce((a, b) => a * b, 1);
	// the values' own rows, then those of the axis around them, outwards
	let places = Int32Array.from({ length: count }, (_, i) =>
		Math.floor(i / Math.max(width, 1)),
	);
	for (let axis = splits.length; axis > 0; axis--) {
		const parents = rowsOfSplits(splits[axis - 1]);
		const rows = new Int32Array(count);
		for (let i = 0; i < count; i++) {
			rows[i] = parents[places[i]];
			indices[i * rank + axis] = places[i] - splits[axis - 1][rows[i]];
		}
		places = rows;
	}
	for (let i = 0; i < count; i++) indices[i * rank] = places[i];
	innerIndices(indices, rank, inner);
	return [
		longTensor([count, rank], indices),
		{ ...values, shape: [count] },
		longTensor([rank], [splits[0].length - 1, ...splits.map(widest), ...inner]),
	];
};

/** The indices of the axes that each value has of its own. */
function innerIndices(
	indices: Float64Array,
	rank: number,
	inner: readonly number[],
): void {
	let stride = 1;
	for (let axis = inner.length - 1; axis >= 0; axis--) {
		const column = rank - inner.length + axis;
		for (let at = column, i = 0; at < indices.length; at += rank, i++)
			indices[at] = Math.floor(i / stride) % inner[axis];
		stride *= inner[axis];
	}
}

/** `RaggedFillEmptyRows`: a row without values gets the default. */
export const raggedFillEmptyRows: HostKernel = (
	_,
	[ids, values, rowCount, defaults],
) => {
	const [rows] = integersOf(rowCount);
	const filledRows = fillEmptyRows(integersOf(ids), rows);
	return [
		longTensor([filledRows.rows.length], filledRows.rows),
		takeRows(values, filledRows.sources, defaults),
		filledRows.empty,
		longTensor(ids.shape, filledRows.places),
	];
};

/** What `fillEmptyRows` finds of values whose rows are given. */
export interface FilledRows {
	/** The row of each value of the result. */
	readonly rows: Float64Array;
	/** Which value each is, -1 for a default. */
	readonly sources: Float64Array;
	/** Where each value went. */
	readonly places: Float64Array;
	readonly empty: Tensor;
}

/**
 * Values in the order of their rows, with one for each of `count` rows that has none (kernels/fill_empty_rows_functor.h).
 * Fails with INVALID for a row that is not there.
 */
export function fillEmptyRows(
	rows: ArrayLike<number>,
	count: number,
): FilledRows {
	const empty = new Uint8Array(count).fill(1);
	const starts = new Float64Array(count + 1);
	for (let i = 0; i < rows.length; i++) {
		const row = rows[i];
		if (!(row >= 0 && row < count))
			throw fail(
				"INVALID",
				`cannot put value ${i} into row ${row}: there are ${count} rows`,
			);
		starts[row + 1]++;
		empty[row] = 0;
	}
	for (let row = 0; row < count; row++)
		starts[row + 1] += starts[row] + empty[row];
	const result = {
		rows: new Float64Array(starts[count]),
		sources: new Float64Array(starts[count]).fill(-1),
		places: new Float64Array(rows.length),
		empty: { dtype: "bool", shape: [count], data: empty } as const,
	};
	for (let row = 0; row < count; row++)
		result.rows.fill(row, starts[row], starts[row + 1]);
	for (let i = 0; i < rows.length; i++) {
		const place = starts[rows[i]]++;
		result.sources[place] = i;
		result.places[i] = place;
	}
	return result;
}
