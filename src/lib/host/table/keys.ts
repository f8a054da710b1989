import { fail } from "../../errors.js";
import { DTYPES, type DType, type TypedArray } from "../../tensor/dtype.js";
import { knownPacked } from "../../tensor/packed-texts.js";
import { allocate, type Tensor, type TensorData } from "../../tensor/tensor.js";
import { byteText } from "../byte-text.js";

/** What a Map finds fast: numbers and text; only integers beyond 2^53 are bigints. */
export type Key = string | number | bigint;

/** How the keys of a table stand in a Map. */
export interface KeyCodec {
	/** Reads the keys of a tensor: `width` elements make one. */
	reader(keys: Tensor): (index: number) => Key;
	/** The elements of these keys, in order. */
	elements(keys: Iterable<Key>, count: number): TensorData;
}

/** Equal keys of TensorFlow are equal here: strings by their bytes, one character each, and integers exactly. */
export function keyCodec(dtype: DType, width: number): KeyCodec {
	const read = READERS[DTYPES[dtype].kind as keyof typeof READERS];
	if (read === undefined)
		throw fail("UNSUPPORTED", `cannot use ${dtype} as the keys of a table`);
	const single: KeyCodec["reader"] = (keys) => read(keys);
	return width === 1
		? {
				reader: single,
				elements: (keys, count) => store(dtype, keys, count),
			}
		: {
				reader: (keys) => joined(single(keys), width),
				elements: (keys, count) =>
					store(dtype, split(keys, DTYPES[dtype].kind), count * width),
			};
}

const READERS = {
	string: texts,
	int: numbers,
	float: numbers,
	bool: numbers,
	bigint: integers,
} as const;

/** Without an array for each key, if there is none yet. */
function texts(keys: Tensor): (index: number) => Key {
	const packed = knownPacked(keys);
	if (packed !== undefined) {
		const { bytes, starts, ends } = packed;
		return (index) => byteText(bytes, starts[index], ends[index]);
	}
	const data = keys.data as readonly Uint8Array[];
	return (index) => byteText(data[index]);
}

function numbers(keys: Tensor): (index: number) => Key {
	const data = keys.data as Int32Array;
	return (index) => data[index];
}

/** Without a bigint where a number is exact. */
function integers(keys: Tensor): (index: number) => Key {
	const data = keys.data as BigInt64Array | BigUint64Array;
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
