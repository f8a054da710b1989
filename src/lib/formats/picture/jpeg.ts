import { colorSpace, rowConverter } from "./jpeg/color.js";
import { ACCURATE, FAST, type Transform } from "./jpeg/cosine.js";
import {
	isFrameMarker,
	type JpegFile,
	nextSegment,
	readJpegFile,
} from "./jpeg/file.js";
import { broken, type Component, readFrameHeader } from "./jpeg/frame.js";
import { type Plane, samplePlane } from "./jpeg/plane.js";
import { EIGHTH, HALF, QUARTER } from "./jpeg/reduced-cosine.js";
import { rowReader } from "./jpeg/upsampling.js";
import type { Picture } from "./picture.js";

/** What TensorFlow's decoding ops let choose. */
export interface JpegOptions {
	/** The picture becomes smaller by this. */
	readonly ratio: 1 | 2 | 4 | 8;
	/** Whether colour of few samples is interpolated. */
	readonly isFancy: boolean;
	/** Which arithmetic of the cosine transform. */
	readonly isAccurate: boolean;
	/** The share of rows that an early end must leave; the others are black. */
	readonly acceptableFraction: number;
	/** Takes an early end as the end. */
	readonly recovers: boolean;
	readonly crop?: Crop;
}

export interface Crop {
	readonly y: number;
	readonly x: number;
	readonly height: number;
	readonly width: number;
}

/**
 * Decodes a baseline or progressive JPEG file, bit for bit as libjpeg-turbo does for TensorFlow (core/lib/jpeg/jpeg_mem.cc).
 * 0 channels are 1 for grey files and 3 for others. Fails with CORRUPT.
 */
export function decodeJpeg(
	bytes: Uint8Array,
	wantedChannels: 0 | 1 | 3,
	options: JpegOptions,
): Picture {
	const file = readJpegFile(bytes, options.recovers);
	const { components, width, height } = file.frame;
	const channels = wantedChannels || (components.length === 1 ? 1 : 3);
	const full = {
		width: Math.ceil(width / options.ratio),
		height: Math.ceil(height / options.ratio),
	};
	const crop = options.crop ?? { x: 0, y: 0, ...full };
	checkCrop(crop, full);
	const rows = rowsRead(file, options);
	if (rows < crop.height * options.acceptableFraction)
		throw broken(`it ends after ${rows} of ${crop.height} rows`);
	const data = pixels(file, channels, options, crop, rows);
	const { width: columns, height: lines } = crop;
	return { width: columns, height: lines, channels, data };
}

/** Height, width and components, without decoding. Fails with CORRUPT. */
export function readJpegSize(bytes: Uint8Array): Omit<Picture, "data"> {
	for (let at = 2; ; ) {
		const segment = nextSegment(bytes, at);
		if (segment === undefined || segment.start === segment.end)
			throw broken("it holds no picture");
		const payload = bytes.subarray(segment.start, segment.end);
		if (isFrameMarker(segment.marker)) {
			const { width, height, components } = readFrameHeader(payload);
			return { width, height, channels: components.length };
		}
		at = segment.end;
	}
}

function checkCrop(
	{ x, y, width, height }: Crop,
	full: { readonly width: number; readonly height: number },
): void {
	if (
		!(width > 0 && height > 0 && x >= 0 && y >= 0) ||
		x + width > full.width ||
		y + height > full.height
	)
		throw broken(
			`it is ${full.width}×${full.height} pixels, of which ${width}×${height} from column ${x} and row ${y} are wanted`,
		);
}

/** Rows of the output that are there where the bytes end early. */
function rowsRead(
	{ frame, rowsRead }: JpegFile,
	{ ratio, crop, isFancy }: JpegOptions,
): number {
	const wanted = crop?.height ?? Math.ceil(frame.height / ratio);
	if (rowsRead === frame.height) return wanted;
	// interpolation waits for the row of samples that follows
	const waiting = isFancy && frame.maxV > 1 ? frame.maxV : 0;
	const rows = Math.max(Math.floor(rowsRead / ratio) - waiting, 0);
	return Math.min(Math.max(rows - (crop?.y ?? 0), 0), wanted);
}

function pixels(
	file: JpegFile,
	channels: 1 | 3,
	{ ratio, isAccurate, isFancy }: JpegOptions,
	crop: Crop,
	rows: number,
): Uint8Array {
	const { frame, markers } = file;
	const space = colorSpace(
		frame.components.map(({ id }) => id),
		markers,
	);
	const convert = rowConverter(space, channels, markers.adobe !== undefined);
	const isLuma = channels === 1 && space === "ycc";
	const needed = isLuma ? frame.components.slice(0, 1) : frame.components;
	const smallest = 8 / ratio;
	// whole units from the left, as jpeg_crop_scanline makes it
	const unit = smallest * (frame.components.length === 1 ? 1 : frame.maxH);
	const left = Math.floor(crop.x / unit) * unit;
	const width = crop.x + crop.width - left;
	const readers = needed.map((component) => {
		const side = sampleSide(component, file, smallest);
		const transform = transformOf(side, isAccurate);
		const across = (frame.maxH * smallest) / (component.h * side);
		const down = (frame.maxV * smallest) / (component.v * side);
		const plane = samplePlane(component, transform, {
			width: planeSize(frame.width, component.h, frame.maxH, side),
			height: planeSize(frame.height, component.v, frame.maxV, side),
		});
		const shown = shownPlane(plane, left, width, across);
		return rowReader(shown, { across, down }, isFancy && smallest > 1);
	});
	// interpolation writes pairs of pixels
	const lines = needed.map(() => new Uint8ClampedArray(width + 8));
	const out = new Uint8ClampedArray(crop.width * crop.height * channels);
	for (let row = 0; row < rows; row++) {
		for (let i = 0; i < readers.length; i++) readers[i](crop.y + row, lines[i]);
		const to = row * crop.width * channels;
		convert(lines, crop.x - left, crop.width, out, to);
	}
	return new Uint8Array(out.buffer);
}

/** Samples of a block: where colour has fewer of them, it is reduced less (jdmaster.c, jpeg_calc_output_dimensions). */
function sampleSide(
	{ h, v }: Component,
	{ frame: { maxH, maxV } }: JpegFile,
	smallest: number,
): number {
	let side = smallest;
	while (
		side < 8 &&
		(maxH * smallest) % (h * side * 2) === 0 &&
		(maxV * smallest) % (v * side * 2) === 0
	)
		side *= 2;
	return side;
}

function planeSize(
	pixels: number,
	factor: number,
	most: number,
	side: number,
): number {
	return Math.ceil((pixels * factor * side) / (most * 8));
}

function transformOf(side: number, isAccurate: boolean): Transform {
	if (side === 8) return isAccurate ? ACCURATE : FAST;
	return side === 4 ? HALF : side === 2 ? QUARTER : EIGHTH;
}

/** The columns of a plane that `width` pixels from `left` take, as if it had no others. */
function shownPlane(
	plane: Plane,
	left: number,
	width: number,
	across: number,
): Plane {
	return {
		...plane,
		data: plane.data.subarray(left / across),
		width: Math.min(Math.ceil(width / across), plane.width - left / across),
	};
}
