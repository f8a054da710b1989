import { fail, type MlshipError } from "../../errors.js";
import { DTYPES, type DType, type DTypeKind } from "../dtype.js";
import { bfloat16ToNumber, float16ToNumber } from "../half.js";
import type { TensorData } from "../tensor.js";
import type { ByteWriter } from "./byte-writer.js";
import { putText } from "./digit-text.js";
import type { Layout } from "./layout.js";
import { MAX_NUMBER_BYTES, putFloat32, putFloat64 } from "./number-text.js";
import { putString } from "./string-text.js";

/** Writes the elements `from` up to `to`, `between` between them; `level` brackets are open around them. */
export type PutElements = (
	writer: ByteWriter,
	from: number,
	to: number,
	between: Uint8Array,
	level: number,
) => void;

export interface Elements {
	readonly dtype: DType;
	readonly data: TensorData;
	/** Strings are bytes and written as `{"b64": …}`. */
	readonly asBase64: boolean;
}

/** The writer for a tensor's elements, complex ones being two floats each. Fails with INVALID for resources and variants. */
export function elementsWriter(
	elements: Elements,
	layout: Layout,
): PutElements {
	return KINDS[DTYPES[elements.dtype].kind](elements, layout);
}

type Numbers = ArrayLike<number>;

const KINDS: Readonly<
	Record<DTypeKind, (elements: Elements, layout: Layout) => PutElements>
> = {
	float: putFloats,
	complex: putFloats,
	half: ({ dtype, data }) => {
		const toNumber = dtype === "float16" ? float16ToNumber : bfloat16ToNumber;
		return putNumbers(
			Float32Array.from(data as Uint16Array, toNumber),
			putFloat32,
		);
	},
	int: ({ data }) => putNumbers(data as Numbers, putInteger),
	quantized: ({ data }) => putNumbers(data as Numbers, putInteger),
	bigint: ({ data }) => putNumbers(data as BigInt64Array, putBigInteger),
	bool: ({ data }) => putNumbers(data as Numbers, putBoolean),
	string: ({ data, asBase64 }, layout) =>
		putStrings(data as readonly Uint8Array[], asBase64, layout),
	handle: ({ dtype }) => {
		throw unwritable(dtype);
	},
};

export function unwritable(dtype: DType): MlshipError {
	return fail(
		"INVALID",
		`Failed to write JSON value for tensor type: ${DTYPES[dtype].serving}`,
	);
}

function putFloats({ data }: Elements): PutElements {
	return data instanceof Float64Array
		? putNumbers(data, putFloat64)
		: putNumbers(data as Float32Array, putFloat32);
}

type PutNumber<T> = (out: Buffer, at: number, value: T) => number;

/** Room is made for a batch at a time. */
const BATCH = 512;

function putNumbers<T extends number | bigint>(
	data: ArrayLike<T>,
	put: PutNumber<T>,
): PutElements {
	return (writer, from, to, between) => {
		for (let start = from; start < to; start += BATCH) {
			const end = Math.min(start + BATCH, to);
			const out = writer.reserve(
				(end - start) * (MAX_NUMBER_BYTES + between.length),
			);
			let at = writer.length;
			for (let i = start; i < end; i++) {
				if (i > from)
					for (let j = 0; j < between.length; j++) out[at++] = between[j];
				at = put(out, at, data[i]);
			}
			writer.length = at;
		}
	};
}

function putInteger(out: Buffer, at: number, value: number): number {
	return putText(out, at, String(value));
}

function putBigInteger(out: Buffer, at: number, value: bigint): number {
	return putText(out, at, value.toString());
}

function putBoolean(out: Buffer, at: number, value: number): number {
	return putText(out, at, value === 0 ? "false" : "true");
}

function putStrings(
	data: readonly Uint8Array[],
	asBase64: boolean,
	{ object }: Layout,
): PutElements {
	return (writer, from, to, between, level) => {
		for (let i = from; i < to; i++) {
			if (i > from) writer.put(between);
			if (asBase64) {
				writer.putText("{");
				writer.put(object.open(level));
				writer.putText(
					`"b64"${object.colon}"${Buffer.from(data[i]).toString("base64")}"`,
				);
				writer.put(object.close(level));
				writer.putText("}");
			} else putString(writer, data[i]);
		}
	};
}
