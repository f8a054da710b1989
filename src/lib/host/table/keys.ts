import { fail } from "../../errors.js";
import { DTYPES, type DType, type TypedArray } from "../../tensor/dtype.js";
import { allocate, type TensorData } from "../../tensor/tensor.js";
import { byteText } from "../byte-text.js";

/** What a Map finds fast: numbers and text; only integers beyond 2^53 are bigints. */
export type Key = string | number | bigint;

/** How the keys of a table stand in a Map. */
export interface KeyCodec {
	/** Reads the keys of a tensor: `width` elements make one. */
	reader(data: TensorData): (index: number) => Key;
	/** The elements of these keys, in order. */
	elements(keys: Iterable<Key>, count: number): TensorData;
}

/** Equal keys of TensorFlow are equal here: strings by their bytes, one character each, and integers exactly. */
export function keyCodec(dtype: DType, width: number): KeyCodec {
	const read = READERS[DTYPES[dtype].kind as keyof typeof READERS];
	if (read === undefined)
		throw fail("UNSUPPORTED", `cannot use ${dtype} as the keys of a table`);
	const single: KeyCodec["reader"] = (data) => read(data as never);
	return width === 1
		? {
				reader: single,
				elements: (keys, count) => store(dtype, keys, count),
			}
		: {
				reader: (data) => joined(single(data), width),
				elements: (keys, count) =>
					store(dtype, split(keys, DTYPES[dtype].kind), count * width),
			};
}

const READERS = {
	string: (data: readonly Uint8Array[]) => (index: number) =>
		byteText(data[index]),
	int: numbers,
	float: numbers,
	bool: numbers,
	bigint: integers,
} as const;

function numbers(data: Int32Array): (index: number) => Key {
	return (index) => data[index];
}

/** Without a bigint where a number is exact. */
function integers(
	data: BigInt64Array | BigUint64Array,
): (index: number) => Key {
	const { buffer, byteOffset, length } = data;
	const low = new Uint32Array(buffer, byteOffset, 2 * length);
	const high =
		data instanceof BigInt64Array
			? new Int32Array(buffer, byteOffset, 2 * length)
			: low;
	return (index) => {
		const top = high[2 * index + 1];
		return top >= -MAX_HIGH && top < MAX_HIGH
			? top * 2 ** 32 + low[2 * index]
			: data[index];
	};
}

/** 2^53 in units of 2^32. */
const MAX_HIGH = 2 ** 21;

/** Several elements as one text: the length of each before it. */
function joined(
	element: (index: number) => Key,
	width: number,
): (index: number) => Key {
	return (index) => {
		let key = "";
		for (let i = index * width; i < (index + 1) * width; i++) {
			const part = String(element(i));
			key += `${part.length}:${part}`;
		}
		return key;
	};
}

function* split(keys: Iterable<Key>, kind: string): Iterable<Key> {
	for (const key of keys) {
		const all = String(key);
		for (let at = 0; at < all.length; ) {
			const start = all.indexOf(":", at) + 1;
			at = start + Number(all.slice(at, start - 1));
			const part = all.slice(start, at);
			yield kind === "string"
				? part
				: kind === "bigint"
					? BigInt(part)
					: Number(part);
		}
	}
}

function store(dtype: DType, keys: Iterable<Key>, count: number): TensorData {
	const data = allocate(dtype, count);
	const { kind } = DTYPES[dtype];
	let i = 0;
	for (const key of keys)
		if (kind === "string")
			(data as Uint8Array[])[i++] = Buffer.from(key as string, "latin1");
		else
			(data as TypedArray)[i++] =
				kind === "bigint" ? BigInt(key) : (key as number);
	return data;
}
