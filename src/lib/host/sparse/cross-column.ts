import { fail } from "../../errors.js";
import { type Uint64, uint64 } from "../../formats/hash/uint64.js";
import { integersOf } from "../../tensor/integers.js";
import { showShape, type Tensor } from "../../tensor/tensor.js";
import { splitsOf } from "../ragged/partition.js";

/** One feature of each example of a batch, of which an example may have several values: strings or integers. */
export interface CrossColumn {
	readonly values: Tensor;
	readonly rowCount: number;
	readonly isDense: boolean;
	/** The first value of a row; the row ends where the next starts. */
	start(row: number): number;
}

/** Each row has as many values as the tensor has columns. */
export function denseColumn(values: Tensor): CrossColumn {
	const [rowCount, width] = values.shape;
	if (values.shape.length !== 2) throw notColumn(values);
	return { values, rowCount, isDense: true, start: (row) => row * width };
}

/** Values of a sparse tensor of two axes, row after row. */
export function sparseColumn(
	indices: Tensor,
	values: Tensor,
	shape: Tensor,
): CrossColumn {
	const [rowCount] = integersOf(shape);
	if (shape.shape[0] !== 2 || indices.shape[1] !== 2) throw notColumn(indices);
	const places = integersOf(indices);
	const starts = new Float64Array(rowCount + 1);
	for (let i = 0; i < values.shape[0]; i++) {
		const row = places[2 * i];
		if (!(row >= 0 && row < rowCount))
			throw fail(
				"INVALID",
				`cannot cross value ${i} of row ${row}: there are ${rowCount} rows`,
			);
		starts[row + 1]++;
	}
	for (let row = 0; row < rowCount; row++) starts[row + 1] += starts[row];
	return { values, rowCount, isDense: false, start: (row) => starts[row] };
}

export function raggedColumn(values: Tensor, splits: Tensor): CrossColumn {
	const starts = splitsOf(splits, values.shape[0]);
	return {
		values,
		rowCount: starts.length - 1,
		isDense: false,
		start: (row) => starts[row],
	};
}

function notColumn({ shape }: Tensor) {
	return fail(
		"INVALID",
		`cannot cross a tensor of shape ${showShape(shape)}: wanted two axes`,
	);
}

/** Each value as text. */
export function textsOf({ dtype, data }: Tensor): readonly Uint8Array[] {
	if (dtype === "string") return data as readonly Uint8Array[];
	return Array.from(data as BigInt64Array, (value) =>
		Buffer.from(String(value)),
	);
}

/** What makes a number of 64 bits of bytes. */
export type Fingerprint = (bytes: Uint8Array) => Uint64;

/** Each value as a number of 64 bits: integers are their own, strings are hashed. */
export function keysOf(
	{ values: { dtype, data } }: CrossColumn,
	hash: Fingerprint,
): readonly Uint64[] {
	if (dtype === "string") return (data as readonly Uint8Array[]).map(hash);
	return Array.from(data as BigInt64Array, (value) =>
		uint64(BigInt.asUintN(64, BigInt(value))),
	);
}

/**
 * As `keysOf`, and integers of sparse columns are hashed too: their lower four bytes, since upstream takes the size of the
 * type's name for that of the type (`sizeof(values_.dtype())` in kernels/sparse_cross_op.cc).
 */
export function hashedKeysOf(
	column: CrossColumn,
	hash: Fingerprint,
): readonly Uint64[] {
	const { dtype, data } = column.values;
	if (dtype === "string" || column.isDense) return keysOf(column, hash);
	const { buffer, byteOffset, length } = data as BigInt64Array;
	return Array.from({ length }, (_, i) =>
		hash(new Uint8Array(buffer, byteOffset + 8 * i, 4)),
	);
}
