import { fail } from "../../../errors.js";
import { checkSize } from "../picture.js";

/** One image of a GIF file (https://www.w3.org/Graphics/GIF/spec-gif89a.txt), still compressed. */
export interface GifImage {
	readonly left: number;
	readonly top: number;
	readonly width: number;
	readonly height: number;
	readonly isInterlaced: boolean;
	/** Red, green, blue by index. */
	readonly colors: Uint8Array;
	/** The index that leaves what was there; -1 for none. */
	readonly clearIndex: number;
	/** Bits of the smallest codes, and the codes. */
	readonly codeSize: number;
	readonly codes: Uint8Array;
}

const IMAGE = 0x2c;
const EXTENSION = 0x21;
const TRAILER = 0x3b;
const GRAPHIC_CONTROL = 0xf9;

/** The images of a file, which may lack its last byte. Fails with CORRUPT. */
export function readGifImages(bytes: Uint8Array): GifImage[] {
	const reader = byteReader(bytes);
	reader.skip(6 + 4);
	const globalColors = reader.colorTable(reader.byte(), 2);
	const images: GifImage[] = [];
	let clearIndex = -1;
	while (!reader.isAtEnd()) {
		const kind = reader.byte();
		if (kind === TRAILER) break;
		if (kind === IMAGE) {
			images.push(readImage(reader, globalColors, clearIndex));
			clearIndex = -1;
		} else if (kind === EXTENSION) {
			const label = reader.byte();
			const data = reader.blocks();
			if (label === GRAPHIC_CONTROL && data.length >= 4)
				clearIndex = (data[0] & 1) === 1 ? data[3] : -1;
		} else throw broken(`byte ${kind} begins no block`);
	}
	if (images.length === 0) throw broken("it holds no image");
	return images;
}

function readImage(
	reader: ByteReader,
	globalColors: Uint8Array,
	clearIndex: number,
): GifImage {
	const [left, top, width, height] = [0, 0, 0, 0].map(() => reader.word());
	checkSize("GIF", width, height);
	const flags = reader.byte();
	const ownColors = reader.colorTable(flags, 0);
	const codeSize = reader.byte();
	return {
		left,
		top,
		width,
		height,
		isInterlaced: (flags & 0x40) !== 0,
		colors: ownColors.length > 0 ? ownColors : globalColors,
		clearIndex,
		codeSize,
		codes: reader.blocks(),
	};
}

interface ByteReader {
	isAtEnd(): boolean;
	byte(): number;
	/** Little-endian. */
	word(): number;
	skip(count: number): void;
	/** The table that `flags` announce, empty for none, behind `gap` bytes. */
	colorTable(flags: number, gap: number): Uint8Array;
	/** Blocks of up to 255 bytes until an empty one, joined. */
	blocks(): Uint8Array;
}

function byteReader(bytes: Uint8Array): ByteReader {
	let at = 0;
	const take = (count: number): Uint8Array => {
		if (at + count > bytes.length)
			throw broken(`it ends after ${bytes.length} bytes`);
		at += count;
		return bytes.subarray(at - count, at);
	};
	const byte = () => take(1)[0];
	return {
		isAtEnd: () => at >= bytes.length,
		byte,
		word: () => byte() + 256 * byte(),
		skip: take,
		colorTable: (flags, gap) => {
			take(gap);
			return take((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));
		},
		blocks: () => {
			const parts: Uint8Array[] = [];
			for (let length = byte(); length > 0; length = byte())
				parts.push(take(length));
			return parts.length === 1 ? parts[0] : Buffer.concat(parts);
		},
	};
}

function broken(found: string) {
	return fail("CORRUPT", `cannot read the GIF: ${found}`);
}
