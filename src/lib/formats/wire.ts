import { fail, type MlshipError } from "../errors.js";

/** Reads the wire format of protobuf (protobuf.dev, encoding); its state is the place in the bytes. */
export class WireReader {
	pos = 0;
	/** Where the message that is being read ends. */
	end: number;
	private readonly view: DataView;
	/** A Buffer over the same memory, as it turns UTF-8 into a string fastest. */
	private readonly text: Buffer;
	private readonly windows: string[] = [];
	private high = 0;

	readonly data: Uint8Array;

	/** `file` is the name that errors mention. */
	constructor(
		data: Uint8Array,
		private readonly file?: string,
	) {
		this.data = new Uint8Array(data.buffer, data.byteOffset, data.length);
		this.end = data.length;
		this.view = new DataView(data.buffer, data.byteOffset, data.length);
		this.text = Buffer.from(data.buffer, data.byteOffset, data.length);
	}

	/** The low 32 bits of a varint, signed. */
	varint32(): number {
		const byte = this.data[this.pos];
		if (byte < 128 && this.pos < this.end) {
			this.pos++;
			this.high = 0;
			return byte;
		}
		return this.longVarint();
	}

	/** The high 32 bits of the varint that was read last, signed. */
	get high32(): number {
		return this.high;
	}

	varint64(): bigint {
		const low = this.varint32();
		return joinHalves(low, this.high);
	}

	/** A varint that is not zero; conversions to a narrower type keep that. */
	bool(): boolean {
		return this.varint32() !== 0 || this.high !== 0;
	}

	fixed32(): number {
		return this.view.getUint32(this.advance(4), true);
	}

	fixed64(): bigint {
		return this.view.getBigInt64(this.advance(8), true);
	}

	float(): number {
		return this.view.getFloat32(this.advance(4), true);
	}

	double(): number {
		return this.view.getFloat64(this.advance(8), true);
	}

	/** A view, not a copy. */
	bytes(): Uint8Array {
		const length = this.length();
		return this.data.subarray(this.advance(length), this.pos);
	}

	/** Cut from a string over the bytes around it, as most text is ASCII and a string of its own takes V8 much longer. */
	string(): string {
		const length = this.length();
		const start = this.advance(length);
		const window = Math.floor(start / WINDOW);
		if (this.pos <= (window + 1) * WINDOW) {
			const text = this.latin1(window).slice(
				start - window * WINDOW,
				this.pos - window * WINDOW,
			);
			if (!NOT_ASCII.test(text)) return text;
		}
		return this.text.toString("utf8", start, this.pos);
	}

	/** The same of one string by itself, for long messages that have few of them. */
	ownString(): string {
		const length = this.length();
		const start = this.advance(length);
		return this.text.toString("utf8", start, this.pos);
	}

	/** The length that stands before bytes, strings, messages and packed lists; it fits into what remains. */
	length(): number {
		const start = this.pos;
		const length = this.varint32() >>> 0;
		if (this.high !== 0 || length > this.end - this.pos)
			throw this.broken(
				`a field at ${start} needs ${joinHalves(length | 0, this.high)} bytes, ${this.end - this.pos} remain`,
			);
		return length;
	}

	/** Passes over the value of a field that nobody wants. */
	skip(wireType: number, depth: number): void {
		if (wireType === 0) this.varint32();
		else if (wireType === 1) this.advance(8);
		else if (wireType === 2) this.advance(this.length());
		else if (wireType === 5) this.advance(4);
		else if (wireType === 3) this.skipGroup(depth);
		else
			throw this.broken(`a field before ${this.pos} has wire type ${wireType}`);
	}

	/** Begins what has its length before it, a message or a packed list; returns what `leave` wants. */
	enter(): number {
		const outer = this.end;
		this.end = this.length() + this.pos;
		return outer;
	}

	leave(outer: number): void {
		this.end = outer;
	}

	/** Goes back to bytes that were passed over. */
	seek(start: number, end: number): void {
		this.pos = start;
		this.end = end;
	}

	broken(reason: string): MlshipError {
		const { file, pos } = this;
		return file === undefined
			? fail("CORRUPT", reason, { at: { offset: pos } })
			: fail("CORRUPT", `cannot read ${file}: ${reason}`, {
					at: { file, offset: pos },
				});
	}

	private skipGroup(depth: number): void {
		if (depth > MAX_DEPTH)
			throw this.broken(`messages are nested more than ${MAX_DEPTH} deep`);
		for (;;) {
			const wireType = this.varint32() & 7;
			if (wireType === 4) return;
			this.skip(wireType, depth + 1);
		}
	}

	private latin1(window: number): string {
		const start = window * WINDOW;
		this.windows[window] ??= this.text.toString(
			"latin1",
			start,
			start + WINDOW,
		);
		return this.windows[window];
	}

	private advance(count: number): number {
		const start = this.pos;
		if (count > this.end - start)
			throw this.broken(
				`a value at ${start} needs ${count} bytes, ${this.end - start} remain`,
			);
		this.pos += count;
		return start;
	}

	private longVarint(): number {
		const start = this.pos;
		let low = 0;
		this.high = 0;
		for (let shift = 0; shift < 70; shift += 7) {
			if (this.pos >= this.end)
				throw this.broken(`a number at ${start} is cut`);
			const byte = this.data[this.pos++];
			const bits = byte & 127;
			if (shift < 32) low |= bits << shift;
			if (shift === 28) this.high = bits >>> 4;
			else if (shift > 28) this.high |= bits << (shift - 32);
			if (byte < 128) return low;
		}
		throw this.broken(`a number at ${start} has more than 10 bytes`);
	}
}

/** So many bytes are made one string: few enough that large constants, among which no text is, are not made any. */
const WINDOW = 2 ** 18;

const NOT_ASCII = /[\u0080-\u00ff]/;

/** The wire type of what has its length before it. */
export const LENGTH_DELIMITED = 2;

/** As in upstream's binary parsers (CodedInputStream's recursion limit). */
export const MAX_DEPTH = 100;

function joinHalves(low: number, high: number): bigint {
	if (high === 0 && low >= 0) return BigInt(low);
	return (BigInt(high) << 32n) | BigInt(low >>> 0);
}
