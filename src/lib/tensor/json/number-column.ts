import {
	type BigArray,
	DTYPES,
	type DType,
	type DTypeRow,
	type NumericArray,
	type TypedArray,
} from "../dtype.js";
import { numberToBfloat16, numberToFloat16 } from "../half.js";
import { allocate } from "../tensor.js";
import type { Column } from "./column.js";
import { INTEGRAL_KINDS, integerRange } from "./integers.js";
import {
	type InnerList,
	type NumberTarget,
	readNumbers,
	startsNumber,
} from "./number.js";
import type { Compat, Source } from "./source.js";
import { latin1, skipNumber } from "./syntax.js";

/**
 * Numbers in batches: read as doubles, then converted to the element type batch by batch, so that the reading loop meets
 * one kind of array only. Has a lifetime: it ends with `finish`.
 */
export class NumberColumn implements Column, NumberTarget {
	readonly scratch: Float64Array;
	filled = 0;
	readonly single: boolean;
	readonly integral: boolean;
	readonly min: number;
	readonly max: number;
	readonly #store: Store;
	#data: TypedArray;
	#length = 0;

	constructor(
		readonly dtype: DType,
		expected: number,
		compat: Compat,
	) {
		const row: DTypeRow = DTYPES[dtype];
		this.scratch = new Float64Array(Math.min(BATCH, Math.max(16, expected)));
		this.single = row.array === Float32Array;
		this.integral = INTEGRAL_KINDS.has(row.kind);
		const { min, max } = this.integral ? safeRange(dtype, compat) : ANY;
		this.min = min;
		this.max = max;
		this.#store = STORES[dtype] ?? storeNumbers;
		this.#data = storage(dtype, expected);
	}

	get count(): number {
		return this.#length + this.filled;
	}

	read(source: Source, at: number, list: InnerList): number {
		if (this.filled === this.scratch.length) this.#flush();
		const end = readNumbers(source, at, this, list);
		if (end >= 0 || !BIG.has(this.dtype)) return end;
		const hugeEnd = this.#readHuge(source, ~end);
		if (hugeEnd >= 0) list.left--;
		return hugeEnd;
	}

	finish(): TypedArray {
		this.#flush();
		return this.#length === this.#data.length
			? this.#data
			: this.#data.slice(0, this.#length);
	}

	/** An integer of 64 bits that no double holds. */
	#readHuge({ bytes }: Source, at: number): number {
		if (!startsNumber(bytes[at])) return ~at;
		const end = skipNumber(bytes, at);
		const text = latin1(bytes, at, end);
		if (!/^-?\d{1,20}$/.test(text)) return ~at;
		const value = BigInt(text);
		this.#flush();
		this.#reserve(this.#length + 1);
		const data = this.#data as BigArray;
		data[this.#length] = value;
		if (data[this.#length] !== value) return ~at;
		this.#length++;
		return end;
	}

	#flush(): void {
		const length = this.#length + this.filled;
		this.#reserve(length);
		this.#store(
			this.#data,
			this.#length,
			this.scratch.subarray(0, this.filled),
		);
		this.#length = length;
		this.filled = 0;
	}

	#reserve(length: number): void {
		if (length <= this.#data.length) return;
		const larger = storage(this.dtype, length * 2);
		(larger as NumericArray).set(this.#data as NumericArray);
		this.#data = larger;
	}
}

/** As much as stays in the processor's nearest cache. */
export const BATCH = 1024;

const ANY = { min: -Infinity, max: Infinity };

/**
 * The integers of a type that a double holds. TensorFlow Serving lets those of 32 bits pass for narrower types, which keep
 * their lowest bits.
 */
function safeRange(dtype: DType, compat: Compat): typeof ANY {
	const wraps = compat === "strict" && NARROW.has(dtype);
	const { min, max } = integerRange(wraps ? "int32" : dtype);
	return {
		min: Math.max(Number(min), Number.MIN_SAFE_INTEGER),
		max: Math.min(Number(max), Number.MAX_SAFE_INTEGER),
	};
}

const NARROW: ReadonlySet<DType> = new Set(["int8", "int16", "uint8"]);

const BIG: ReadonlySet<DType> = new Set(["int64", "uint64"]);

type Store = (data: TypedArray, at: number, batch: Float64Array) => void;

const STORES: Partial<Record<DType, Store>> = {
	float16: (data, at, batch) =>
		storeNumbers(data, at, batch.map(numberToFloat16)),
	bfloat16: (data, at, batch) =>
		storeNumbers(data, at, batch.map(numberToBfloat16)),
	int64: storeBigIntegers,
	uint64: storeBigIntegers,
};

function storeNumbers(data: TypedArray, at: number, batch: Float64Array): void {
	(data as NumericArray).set(batch, at);
}

function storeBigIntegers(
	data: TypedArray,
	at: number,
	batch: Float64Array,
): void {
	for (let i = 0; i < batch.length; i++)
		(data as BigArray)[at + i] = BigInt(batch[i]);
}

/** `count` counts numbers: a complex element is two of them. */
function storage(dtype: DType, count: number): TypedArray {
	return allocate(dtype, Math.ceil(count / DTYPES[dtype].lanes)) as TypedArray;
}
