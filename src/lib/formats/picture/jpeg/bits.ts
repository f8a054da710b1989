import { type HuffmanTable, LOOKAHEAD } from "./huffman.js";

/** Thrown where the bytes end and nobody wants the rest invented. */
export const ENDED = Symbol("the bytes end");

const MAX_LENGTH = 16;

/** The bits of a scan, up to the next marker; behind it come zeros, as in libjpeg (jdhuff.c, jpeg_fill_bit_buffer). */
export class BitReader {
	/** More bits were asked for than there are. */
	isExhausted = false;
	readonly #bytes: Uint8Array;
	readonly #recovers: boolean;
	#at: number;
	#held = 0;
	#count = 0;
	#sawMarker = false;

	/** `recovers`: bytes that end are taken as if the marker of the end stood behind them. */
	constructor(bytes: Uint8Array, at: number, recovers: boolean) {
		this.#bytes = bytes;
		this.#at = at;
		this.#recovers = recovers;
	}

	/** Where the marker stands, or bytes that are not read yet. */
	get offset(): number {
		return this.#at;
	}

	/** The next symbol; 0 for bits that are no code. */
	symbol({ lookup, largest, offsets, symbols }: HuffmanTable): number {
		if (this.#count < MAX_LENGTH) this.#fill();
		if (this.#count < LOOKAHEAD) this.#pad(LOOKAHEAD);
		const found =
			lookup[
				(this.#held >>> (this.#count - LOOKAHEAD)) & ((1 << LOOKAHEAD) - 1)
			];
		if (found !== 0) {
			this.#count -= found >> 8;
			this.#check();
			return found & 255;
		}
		if (this.#count < MAX_LENGTH) this.#pad(MAX_LENGTH);
		let length = LOOKAHEAD + 1;
		for (; length <= MAX_LENGTH; length++) {
			const code =
				(this.#held >>> (this.#count - length)) & ((1 << length) - 1);
			if (code <= largest[length]) {
				this.#count -= length;
				this.#check();
				return symbols[(code + offsets[length]) & 255];
			}
		}
		this.#count -= MAX_LENGTH;
		this.#check();
		return 0;
	}

	/** An unsigned number of up to 16 bits. */
	bits(length: number): number {
		if (this.#count < length) {
			this.#fill();
			if (this.#count < length) this.#pad(length);
		}
		this.#count -= length;
		this.#check();
		return (this.#held >>> this.#count) & ((1 << length) - 1);
	}

	/** A number of so many bits, negative ones in the lower half (T.81, figure F.12). */
	signed(length: number): number {
		if (length === 0) return 0;
		const value = this.bits(length);
		return value < 1 << (length - 1) ? value - (1 << length) + 1 : value;
	}

	/** Goes behind the next restart marker, if that is the next marker. */
	restart(): void {
		this.#count = 0;
		this.#invented = 0;
		this.#sawMarker = false;
		const bytes = this.#bytes;
		let at = this.#at;
		while (at + 1 < bytes.length && !isMarker(bytes, at)) at++;
		if (at + 1 >= bytes.length) {
			if (!this.#recovers) throw ENDED;
			this.#at = bytes.length;
			return;
		}
		const isRestart = bytes[at + 1] >= 0xd0 && bytes[at + 1] <= 0xd7;
		this.#at = isRestart ? at + 2 : at;
		if (isRestart) this.isExhausted = false;
	}

	/** Bits that were made up, the last ones of those held. */
	#invented = 0;

	#fill(): void {
		const bytes = this.#bytes;
		while (this.#count <= 24 && !this.#sawMarker && this.#at < bytes.length) {
			const byte = bytes[this.#at];
			if (byte === 0xff) {
				let next = this.#at + 1;
				while (bytes[next] === 0xff) next++;
				if (bytes[next] !== 0) {
					this.#sawMarker = next < bytes.length;
					this.#at = this.#sawMarker ? next - 1 : bytes.length;
					break;
				}
				this.#at = next;
			}
			this.#at++;
			this.#held = (this.#held << 8) | byte;
			this.#count += 8;
		}
		// libjpeg wants bytes ahead of those that the last code takes, at least the marker
		const hasEnded = !this.#sawMarker && this.#count <= 24;
		if (hasEnded && !this.#recovers) throw ENDED;
	}

	#pad(length: number): void {
		while (this.#count < length) {
			this.#held <<= 8;
			this.#count += 8;
			this.#invented += 8;
		}
	}

	/** Reading invented bits is what exhausts; looking ahead at them is not. */
	#check(): void {
		if (this.#count >= this.#invented) return;
		this.#invented = this.#count;
		this.isExhausted = true;
	}
}

/** 0xff before what is neither a stuffed zero nor a fill byte. */
function isMarker(bytes: Uint8Array, at: number): boolean {
	return bytes[at] === 0xff && bytes[at + 1] !== 0 && bytes[at + 1] !== 0xff;
}
