import { fail } from "../../errors.js";
import { fingerprint64 } from "../../formats/hash/farmhash.js";
import { sipHash } from "../../formats/hash/siphash.js";
import { uint64 } from "../../formats/hash/uint64.js";
import { boolAttr, intAttr, stringAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import { integerData, integersOf, longTensor } from "../../tensor/integers.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import {
	type CrossColumn,
	denseColumn,
	type Fingerprint,
	hashedKeysOf,
	keysOf,
	raggedColumn,
	sparseColumn,
} from "./cross-column.js";
import { crossCounts, crossedHashes, crossedTexts } from "./cross-values.js";

/** What joins texts where the op has no separator of its own. */
const SEPARATOR = Buffer.from("_X_");

/** `SparseCross` of TensorFlow 1 (kernels/sparse_cross_op.cc): each combination of one value of each column. */
export const sparseCross: HostKernel = (node, inputs) => {
	const columns = columnsOf(node, inputs);
	return sparseResult(columns, byAttrs(node, columns));
};

/** `SparseCrossV2`: texts joined by a separator. */
export const sparseCrossV2: HostKernel = (node, inputs) => {
	const columns = columnsOf(node, inputs.slice(0, -1));
	const [separator] = inputs[inputs.length - 1].data as readonly Uint8Array[];
	return sparseResult(columns, crossedTexts(columns, separator));
};

/** `SparseCrossHashed`: numbers below a number of buckets, by a hash that salt keys if it is to be strong. */
export const sparseCrossHashed: HostKernel = (node, inputs) => {
	const columns = columnsOf(node, inputs.slice(0, -3));
	const [buckets, strong, salt] = inputs.slice(-3);
	const [first, second] = salt.data as BigInt64Array;
	const key = [BigInt.asUintN(64, first), BigInt.asUintN(64, second)] as const;
	const hash: Fingerprint =
		strong.data[0] === 0 ? fingerprint64 : (bytes) => sipHash(key, bytes);
	const keys = columns.map((column) => hashedKeysOf(column, hash));
	const count = BigInt(integersOf(buckets)[0]);
	return sparseResult(columns, crossedHashes(columns, keys, count));
};

/** `RaggedCross` (kernels/ragged_cross_op.cc): the columns are in the order that `input_order` names. */
export const raggedCross: HostKernel = (node, inputs) => {
	const columns = raggedColumns(node, inputs);
	const splits = [0];
	for (const count of crossCounts(columns))
		splits.push(splits[splits.length - 1] + count);
	const dtype = node.attrs.out_row_splits_type === "int32" ? "int32" : "int64";
	return [
		byAttrs(node, columns),
		{ dtype, shape: [splits.length], data: integerData(dtype, splits) },
	];
};

function byAttrs(node: Node, columns: readonly CrossColumn[]): Tensor {
	if (!boolAttr(node, "hashed_output")) return crossedTexts(columns, SEPARATOR);
	const keys = columns.map((column) => keysOf(column, fingerprint64));
	const buckets = BigInt(intAttr(node, "num_buckets"));
	// a key has 64 bits, and is a bigint where it is large
	const start = BigInt(node.attrs.hash_key as number | bigint);
	return crossedHashes(
		columns,
		keys,
		buckets,
		uint64(BigInt.asUintN(64, start)),
	);
}

/** Sparse columns first, then dense ones. */
function columnsOf(node: Node, inputs: readonly Tensor[]): CrossColumn[] {
	const n = intAttr(node, "N");
	const sparse = Array.from({ length: n }, (_, i) =>
		sparseColumn(inputs[i], inputs[n + i], inputs[2 * n + i]),
	);
	return checked([...sparse, ...inputs.slice(3 * n).map(denseColumn)]);
}

function raggedColumns(node: Node, inputs: readonly Tensor[]): CrossColumn[] {
	const order = stringAttr(node, "input_order");
	const ragged = [...order].filter((kind) => kind === "R").length;
	const n = intAttr(node, "Nsparse");
	const sparse = 2 * ragged;
	const dense = sparse + 3 * n;
	const next = { R: 0, S: 0, D: 0 };
	const columns = [...order].map((kind) => {
		if (kind === "R") {
			const at = next.R++;
			return raggedColumn(inputs[at], inputs[ragged + at]);
		}
		if (kind === "D") return denseColumn(inputs[dense + next.D++]);
		const at = sparse + next.S++;
		return sparseColumn(inputs[at], inputs[at + n], inputs[at + 2 * n]);
	});
	return checked(columns);
}

function checked(columns: CrossColumn[]): CrossColumn[] {
	const stranger = columns.find(
		({ rowCount }) => rowCount !== columns[0].rowCount,
	);
	if (stranger !== undefined)
		throw fail(
			"INVALID",
			`cannot cross columns of ${columns[0].rowCount} and ${stranger.rowCount} rows`,
		);
	return columns;
}

/** Values of each row side by side. */
function sparseResult(
	columns: readonly CrossColumn[],
	values: Tensor,
): readonly Tensor[] {
	const counts = crossCounts(columns);
	const indices = counts.flatMap((count, row) =>
		Array.from({ length: count }, (_, i) => [row, i]).flat(),
	);
	const widest = counts.reduce((most, count) => Math.max(most, count), 0);
	return [
		longTensor([indices.length / 2, 2], indices),
		values,
		longTensor([2], [counts.length, widest]),
	];
}
