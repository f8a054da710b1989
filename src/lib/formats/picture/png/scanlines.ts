import { constants, inflateSync } from "node:zlib";
import { fail } from "../../../errors.js";
import {
	COLOR,
	COLOR_ALPHA,
	type ColorType,
	GREY,
	GREY_ALPHA,
	PALETTE,
	type PngFile,
} from "./chunks.js";

/** Part of a picture whose rows lie one behind the other: all of it, or one pass of an interlaced one. */
export interface Pass {
	readonly columns: number;
	readonly rows: number;
	/** Bytes of a row, without that of its filter. */
	readonly stride: number;
	/** Filters undone. */
	readonly bytes: Uint8Array;
	/** Where the first pixel lies, and how far the next are in either direction. */
	readonly x: number;
	readonly y: number;
	readonly stepX: number;
	readonly stepY: number;
}

/** Adam7: where each pass begins and how far its pixels are apart. */
const ADAM7 = [
	[0, 0, 8, 8],
	[4, 0, 8, 8],
	[0, 4, 4, 8],
	[2, 0, 4, 4],
	[0, 2, 2, 4],
	[1, 0, 2, 2],
	[0, 1, 1, 2],
] as const;

const WHOLE = [[0, 0, 1, 1]] as const;

/** The samples that a pixel of the file has. */
export function fileChannels({ colorType }: PngFile): number {
	return CHANNELS[colorType];
}

const CHANNELS: Readonly<Record<ColorType, number>> = {
	[GREY]: 1,
	[COLOR]: 3,
	[PALETTE]: 1,
	[GREY_ALPHA]: 2,
	[COLOR_ALPHA]: 4,
};

/** Inflates the rows and undoes their filters. Fails with CORRUPT. */
export function readPasses(file: PngFile): Pass[] {
	const bits = file.depth * fileChannels(file);
	const places = (file.isInterlaced ? ADAM7 : WHOLE)
		.map(([x, y, stepX, stepY]) => {
			const columns = Math.ceil((file.width - x) / stepX);
			const rows = Math.ceil((file.height - y) / stepY);
			const stride = Math.ceil((columns * bits) / 8);
			return { x, y, stepX, stepY, columns, rows, stride };
		})
		.filter(({ columns, rows }) => columns > 0 && rows > 0);
	const size = places.reduce(
		(sum, { rows, stride }) => sum + rows * (stride + 1),
		0,
	);
	const inflated = inflate(file.compressed, size);
	let at = 0;
	return places.map((place) => {
		const length = place.rows * (place.stride + 1);
		const filtered = inflated.subarray(at, at + length);
		at += length;
		const bytes = unfiltered(filtered, place, Math.max(bits >> 3, 1));
		return { ...place, bytes };
	});
}

/** Deflate makes of one byte no more than so many (RFC 1951: 258 from two bits). */
const MOST_GROWTH = 1032;

/** Files may hold more than the picture needs, as libpng allows. */
const SURPLUS = 65_536;

function inflate(compressed: Uint8Array, size: number): Uint8Array {
	if (size > (compressed.length + 1) * MOST_GROWTH)
		throw short(compressed.length, size);
	const inflated = inflateOrFail(compressed, size);
	if (inflated.length < size) throw short(inflated.length, size);
	return inflated;
}

function inflateOrFail(compressed: Uint8Array, size: number): Uint8Array {
	try {
		return inflateSync(compressed, {
			chunkSize: Math.max(size + 1, 64),
			maxOutputLength: size + SURPLUS,
			finishFlush: constants.Z_SYNC_FLUSH,
		});
	} catch (cause) {
		throw fail(
			"CORRUPT",
			`cannot read the PNG: ${cause instanceof Error ? cause.message : String(cause)}`,
			{ cause },
		);
	}
}

function short(found: number, wanted: number) {
	return fail(
		"CORRUPT",
		`cannot read the PNG: its pixels take ${wanted} bytes, ${found} are there`,
	);
}

interface Rows {
	readonly rows: number;
	readonly stride: number;
}

/** https://www.w3.org/TR/png-3/#9Filters; `unit` is how many bytes the pixel to the left is away. */
function unfiltered(
	filtered: Uint8Array,
	{ rows, stride }: Rows,
	unit: number,
): Uint8Array {
	const bytes = new Uint8Array(rows * stride);
	for (let row = 0; row < rows; row++) {
		const from = row * (stride + 1);
		const filter = FILTERS[filtered[from]];
		if (filter === undefined)
			throw fail(
				"CORRUPT",
				`cannot read the PNG: row ${row} has filter ${filtered[from]}`,
			);
		bytes.set(filtered.subarray(from + 1, from + 1 + stride), row * stride);
		filter(bytes, row * stride, stride, unit);
	}
	return bytes;
}

/** Undoes the filter of `stride` bytes from `at`; rows before it are done. */
type Filter = (
	bytes: Uint8Array,
	at: number,
	stride: number,
	unit: number,
) => void;

const none: Filter = (bytes) => bytes;

const sub: Filter = (bytes, at, stride, unit) => {
	for (let i = at + unit; i < at + stride; i++) bytes[i] += bytes[i - unit];
};

const up: Filter = (bytes, at, stride) => {
	if (at === 0) return;
	for (let i = at; i < at + stride; i++) bytes[i] += bytes[i - stride];
};

const average: Filter = (bytes, at, stride, unit) => {
	for (let i = at; i < at + stride; i++) {
		const left = i < at + unit ? 0 : bytes[i - unit];
		const above = at === 0 ? 0 : bytes[i - stride];
		bytes[i] += (left + above) >> 1;
	}
};

const paeth: Filter = (bytes, at, stride, unit) => {
	if (at === 0) {
		sub(bytes, at, stride, unit);
		return;
	}
	const end = at + stride;
	const first = Math.min(at + unit, end);
	for (let i = at; i < first; i++) bytes[i] += bytes[i - stride];
	for (let i = first; i < end; i++) {
		const left = bytes[i - unit];
		const above = bytes[i - stride];
		const corner = bytes[i - stride - unit];
		const across = left - corner;
		const down = above - corner;
		const fromLeft = magnitude(down);
		const fromAbove = magnitude(across);
		const fromCorner = magnitude(across + down);
		// all bits where a distance is less than another: bytes of pictures are too random to branch on
		const notLeft = ((fromAbove - fromLeft) | (fromCorner - fromLeft)) >> 31;
		const notAbove = (fromCorner - fromAbove) >> 31;
		const other = above ^ ((above ^ corner) & notAbove);
		bytes[i] += left ^ ((left ^ other) & notLeft);
	}
};

/** Without its sign, and without a branch. */
function magnitude(value: number): number {
	const sign = value >> 31;
	return (value ^ sign) - sign;
}

const FILTERS: readonly Filter[] = [none, sub, up, average, paeth];
