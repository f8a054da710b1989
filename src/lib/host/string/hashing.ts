import { fail } from "../../errors.js";
import { fingerprint64 } from "../../formats/hash/farmhash.js";
import { hash64 } from "../../formats/hash/hash64.js";
import { sipHash } from "../../formats/hash/siphash.js";
import { remainder, type Uint64 } from "../../formats/hash/uint64.js";
import type { Node } from "../../graph/ir.js";
import { type Tensor, tensorBytes } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import { latin1, scalarText, textsOf } from "./text.js";

export const hashBucket: HostKernel = (node, [x]) => [buckets(node, x, hash64)];

export const hashBucketFast: HostKernel = (node, [x]) => [
	buckets(node, x, fingerprint64),
];

export const hashBucketStrong: HostKernel = (node, [x]) => {
	const key = node.attrs.key as readonly (number | bigint)[];
	const halves = [BigInt(key[0]), BigInt(key[1])] as const;
	return [buckets(node, x, (bytes) => sipHash(halves, bytes))];
};

function buckets(
	{ attrs }: Node,
	x: Tensor,
	hash: (bytes: Uint8Array) => Uint64,
): Tensor {
	const count = attrs.num_buckets as number | bigint;
	const data = BigInt64Array.from(textsOf(x), (bytes) =>
		remainder(hash(bytes), count),
	);
	return { dtype: "int64", shape: x.shape, data };
}

/** Eight bytes a row, the lowest first; a row is a text or the bytes of its numbers (fingerprint_op.cc). */
export const fingerprint: HostKernel = (_, [data, method]) => {
	const name = latin1(scalarText(method));
	if (name !== "farmhash64")
		throw fail(
			"INVALID",
			`cannot take fingerprints by "${name}": TensorFlow knows farmhash64`,
		);
	if (data.shape.length === 0)
		throw fail("INVALID", "cannot take fingerprints of a scalar: wanted rows");
	const [rows] = data.shape;
	const size = rowSize(data, rows);
	const result = new DataView(new ArrayBuffer(rows * 8));
	for (let row = 0; row < rows; row++) {
		const { hi, lo } = fingerprint64(rowBytes(data, row, size));
		result.setInt32(row * 8, lo, true);
		result.setInt32(row * 8 + 4, hi, true);
	}
	return [
		{
			dtype: "uint8",
			shape: [rows, 8],
			data: new Uint8Array(result.buffer),
		},
	];
};

function rowSize({ data }: Tensor, rows: number): number {
	const total = ArrayBuffer.isView(data) ? data.byteLength : data.length;
	return rows === 0 ? 0 : total / rows;
}

/** Several texts in a row are hashed as their own fingerprints one after the other. */
function rowBytes(tensor: Tensor, row: number, size: number): Uint8Array {
	if (ArrayBuffer.isView(tensor.data))
		return tensorBytes(tensor).subarray(row * size, (row + 1) * size);
	const texts = textsOf(tensor).slice(row * size, (row + 1) * size);
	if (size === 1) return texts[0];
	const hashes = new Int32Array(texts.length * 2);
	for (const [i, text] of texts.entries()) {
		const { hi, lo } = fingerprint64(text);
		hashes[i * 2] = lo;
		hashes[i * 2 + 1] = hi;
	}
	return new Uint8Array(hashes.buffer);
}
