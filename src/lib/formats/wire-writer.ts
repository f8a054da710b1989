import { LENGTH_DELIMITED } from "./wire.js";

const VARINT = 0;
const FIXED32 = 5;

/** Writes the wire format of protobuf into memory that was measured before (see the sizes below). */
export class WireWriter {
	pos = 0;
	readonly data: Buffer;

	/** Exactly as many bytes as will be written. */
	constructor(size: number) {
		this.data = Buffer.allocUnsafe(size);
	}

	/** A field whose value is a varint below 2^32. */
	varintField(field: number, value: number): void {
		this.varint((field << 3) | VARINT);
		this.varint(value);
	}

	/** The head of a field whose value takes `length` bytes, which are written next. */
	head(field: number, length: number): void {
		this.varint((field << 3) | LENGTH_DELIMITED);
		this.varint(length);
	}

	/** A field of type `float`. */
	floatField(field: number, value: number): void {
		this.varint((field << 3) | FIXED32);
		this.pos = this.data.writeFloatLE(value, this.pos);
	}

	bytesField(field: number, bytes: Uint8Array): void {
		this.head(field, bytes.length);
		this.bytes(bytes);
	}

	/** Of text whose UTF-8 takes `length` bytes. */
	textField(field: number, text: string, length: number): void {
		this.head(field, length);
		this.pos += this.data.write(text, this.pos, "utf8");
	}

	bytes(bytes: Uint8Array): void {
		this.data.set(bytes, this.pos);
		this.pos += bytes.length;
	}

	/** Of a whole number from 0 to 2^32 - 1. */
	varint(value: number): void {
		const { data } = this;
		let rest = value;
		while (rest > 127) {
			data[this.pos++] = (rest & 127) | 128;
			rest >>>= 7;
		}
		data[this.pos++] = rest;
	}

	/** Of a number in two halves, each without a sign. */
	varint64(low: number, high: number): void {
		if (high === 0) {
			this.varint(low);
			return;
		}
		const { data } = this;
		for (let shift = 0; shift < 28; shift += 7)
			data[this.pos++] = ((low >>> shift) & 127) | 128;
		const middle = ((low >>> 28) | (high << 4)) & 127;
		const rest = high >>> 3;
		data[this.pos++] = rest === 0 ? middle : middle | 128;
		if (rest > 0) this.varint(rest);
	}
}

/** Bytes of a varint of a number from 0 to 2^32 - 1. */
export function varintSize(value: number): number {
	if (value < 2 ** 7) return 1;
	if (value < 2 ** 14) return 2;
	if (value < 2 ** 21) return 3;
	return value < 2 ** 28 ? 4 : 5;
}

/** Bytes of a varint of a number in two halves, each without a sign. */
export function varint64Size(low: number, high: number): number {
	if (high === 0) return varintSize(low);
	return high < 8 ? 5 : 5 + varintSize(high >>> 3);
}

/** Bytes of a field below 16 whose value takes `length` bytes, with tag and length. */
export function fieldSize(length: number): number {
	return 1 + varintSize(length) + length;
}
