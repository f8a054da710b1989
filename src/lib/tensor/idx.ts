import { gunzipSync } from "node:zlib";
import { fail } from "../errors.js";
import { DTYPES, type DType } from "./dtype.js";
import { elementCount, type Tensor, tensorFromBytes } from "./tensor.js";

/** The types of MNIST's format (yann.lecun.com/exdb/mnist), by the third byte of the file. */
const TYPES: Readonly<Record<number, DType>> = {
	8: "uint8",
	9: "int8",
	11: "int16",
	12: "int32",
	13: "float32",
	14: "float64",
};

const GZIP = [0x1f, 0x8b];

/** Whether bytes are those of an idx file. */
export function isIdx(bytes: Uint8Array): boolean {
	return (
		bytes[0] === 0 &&
		bytes[1] === 0 &&
		TYPES[bytes[2]] !== undefined &&
		bytes[3] > 0
	);
}

/** The bytes themselves, or what gzip packed into them; fails with CORRUPT beyond `limit` bytes. */
export function unpacked(bytes: Uint8Array, limit: number): Uint8Array {
	if (!GZIP.every((byte, i) => bytes[i] === byte)) return bytes;
	try {
		const whole = gunzipSync(bytes, { maxOutputLength: limit });
		return new Uint8Array(whole.buffer, whole.byteOffset, whole.length);
	} catch (cause) {
		throw fail(
			"CORRUPT",
			`it cannot be unpacked: ${(cause as Error).message}`,
			{
				cause,
			},
		);
	}
}

/** Reads an idx file: numbers with the highest byte first. Fails with CORRUPT. */
export function readIdx(bytes: Uint8Array): Tensor {
	const broken = (reason: string) =>
		fail("CORRUPT", `cannot read the idx file: ${reason}`);
	if (!isIdx(bytes)) throw broken("it does not begin as one");
	const dtype = TYPES[bytes[2]];
	const head = 4 + 4 * bytes[3];
	if (bytes.length < head) throw broken("it ends in its sizes");
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	const shape = Array.from({ length: bytes[3] }, (_, axis) =>
		view.getUint32(4 + 4 * axis),
	);
	const size = DTYPES[dtype].bytes;
	const wanted = elementCount(shape) * size;
	if (bytes.length - head !== wanted)
		throw broken(
			`its sizes want ${wanted} bytes of values, it has ${bytes.length - head}`,
		);
	return tensorFromBytes(dtype, shape, turned(bytes.slice(head), size));
}

/** The lowest byte first. */
function turned(bytes: Uint8Array, size: number): Uint8Array {
	if (size > 1)
		for (let at = 0; at < bytes.length; at += size)
			bytes.subarray(at, at + size).reverse();
	return bytes;
}
