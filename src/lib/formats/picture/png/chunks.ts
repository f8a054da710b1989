import { crc32 } from "node:zlib";
import { fail } from "../../../errors.js";
import { checkSize } from "../picture.js";

/** What the chunks of a PNG file say (https://www.w3.org/TR/png-3/). */
export interface PngFile {
	readonly width: number;
	readonly height: number;
	/** Bits of a sample: 1, 2, 4, 8, 16. */
	readonly depth: number;
	readonly colorType: ColorType;
	readonly isInterlaced: boolean;
	/** Red, green, blue by index. */
	readonly palette: Uint8Array;
	/** Opacity by index, or the grey or colour (16 bits a sample) that is clear. */
	readonly transparency: Uint8Array | undefined;
	/** Exponent of the samples, times 100,000; 0 where the file does not say. */
	readonly gamma: number;
	/** A zlib stream. */
	readonly compressed: Uint8Array;
}

export const GREY = 0;
export const COLOR = 2;
export const PALETTE = 3;
export const GREY_ALPHA = 4;
export const COLOR_ALPHA = 6;
export type ColorType = 0 | 2 | 3 | 4 | 6;

/** Depths that the standard allows, by color type. */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
	[GREY]: [1, 2, 4, 8, 16],
	[COLOR]: [8, 16],
	[PALETTE]: [1, 2, 4, 8],
	[GREY_ALPHA]: [8, 16],
	[COLOR_ALPHA]: [8, 16],
};

const SIGNATURE_LENGTH = 8;

/** Length, name and checksum of a chunk. */
const CHUNK_FRAME = 12;

/** libpng refuses more of either. */
const MAX_SIDE = 1_000_000;

/** sRGB stands for this gamma. */
const SRGB_GAMMA = 45455;

/** Fails with CORRUPT where libpng refuses the file. */
export function readPngChunks(bytes: Uint8Array): PngFile {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const parts: Uint8Array[] = [];
	let header: ReturnType<typeof readHeader> | undefined;
	let palette = new Uint8Array(0);
	let transparency: Uint8Array | undefined;
	let gamma = 0;
	let at = SIGNATURE_LENGTH;
	for (;;) {
		const { name, data, isSound } = readChunk(bytes, view, at);
		at += data.length + CHUNK_FRAME;
		if (!isSound && isCritical(name)) throw broken(`chunk ${name} is damaged`);
		if (header === undefined) {
			if (name !== "IHDR") throw broken(`it begins with chunk ${name}`);
			header = readHeader(data);
		} else if (name === "IDAT") parts.push(data);
		else if (name === "PLTE") palette = data.slice();
		else if (name === "IEND") break;
		else if (isCritical(name)) throw broken(`it has a chunk ${name}`);
		else if (isSound && parts.length === 0) {
			if (name === "tRNS") transparency = data;
			if (name === "gAMA" && data.length === 4 && gamma === 0)
				gamma = view.getUint32(data.byteOffset - bytes.byteOffset);
			if (name === "sRGB") gamma = SRGB_GAMMA;
		}
	}
	if (header.colorType === PALETTE && palette.length === 0)
		throw broken("it has no palette");
	return {
		...header,
		palette,
		transparency,
		gamma,
		compressed: joined(parts),
	};
}

function readChunk(bytes: Uint8Array, view: DataView, at: number) {
	const left = bytes.length - at - CHUNK_FRAME;
	const length = left < 0 ? 0 : view.getUint32(at);
	if (left < length)
		throw broken(`it ends in a chunk, after ${bytes.length} bytes`);
	const start = at + 8;
	const data = bytes.subarray(start, start + length);
	const isSound =
		crc32(bytes.subarray(at + 4, start + length)) ===
		view.getUint32(start + length);
	const name = String.fromCharCode(...bytes.subarray(at + 4, start));
	return { name, data, isSound };
}

/** A capital letter first: who does not know the chunk cannot read the file. */
function isCritical(name: string): boolean {
	return name[0] <= "Z";
}

function readHeader(data: Uint8Array) {
	const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
	if (data.length !== 13)
		throw broken(`its header has ${data.length} bytes, 13 are wanted`);
	const [width, height] = [view.getUint32(0), view.getUint32(4)];
	const [depth, colorType, compression, filter, interlace] = data.subarray(8);
	if (!DEPTHS[colorType]?.includes(depth))
		throw broken(`it has color type ${colorType} of ${depth} bits`);
	if (compression !== 0 || filter !== 0 || interlace > 1)
		throw broken(
			`it has compression ${compression}, filter ${filter}, interlace ${interlace}`,
		);
	checkSize("PNG", width, height);
	if (Math.max(width, height) > MAX_SIDE)
		throw broken(`it has ${width}×${height} pixels`);
	return {
		width,
		height,
		depth,
		colorType: colorType as ColorType,
		isInterlaced: interlace === 1,
	};
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
	return parts.length === 1 ? parts[0] : Buffer.concat(parts);
}

function broken(found: string) {
	return fail("CORRUPT", `cannot read the PNG: ${found}`);
}
