import { fail } from "../../errors.js";
import { type GifImage, readGifImages } from "./gif/blocks.js";
import { checkLzw, decodeLzw } from "./gif/lzw.js";
import { checkSize } from "./picture.js";

/** Pictures of one size, [frames, height, width, 3]. */
export interface Frames {
	readonly frames: number;
	readonly width: number;
	readonly height: number;
	readonly data: Uint8Array;
}

const CHANNELS = 3;

/**
 * Decodes a GIF file as TensorFlow does (core/lib/gif/gif_io.cc): as large as its largest image, each frame drawn over the one
 * before, black where nothing was drawn. `most` limits the frames that are decoded. Fails with CORRUPT.
 */
export function decodeGif(bytes: Uint8Array, most = Infinity): Frames {
	const images = readGifImages(bytes);
	const largest = (of: (image: GifImage) => number) =>
		images.reduce((most, image) => Math.max(most, of(image)), 0);
	const width = largest((image) => image.width);
	const height = largest((image) => image.height);
	const frames = Math.min(images.length, most);
	for (const { codes, codeSize, ...image } of images)
		checkLzw(codes, codeSize, image.width * image.height);
	checkSize("GIF", width * CHANNELS, height * frames);
	const size = width * height * CHANNELS;
	const data = new Uint8Array(frames * size);
	for (let k = 0; k < frames; k++) {
		const frame = data.subarray(k * size, (k + 1) * size);
		if (k > 0) frame.set(data.subarray((k - 1) * size, k * size));
		draw(images[k], frame, width, height);
	}
	return { frames, width, height, data };
}

function draw(
	image: GifImage,
	frame: Uint8Array,
	width: number,
	height: number,
): void {
	const { colors, clearIndex, left, top } = image;
	const indices = decodeLzw(
		image.codes,
		image.codeSize,
		image.width * image.height,
	);
	const right = Math.min(width - left, image.width);
	for (let row = 0; row < image.height; row++) {
		const y =
			top + (image.isInterlaced ? interlacedRow(row, image.height) : row);
		if (y >= height) continue;
		for (let column = 0; column < right; column++) {
			const index = indices[row * image.width + column];
			if (index === clearIndex) continue;
			if (3 * index >= colors.length)
				throw fail(
					"CORRUPT",
					`cannot read the GIF: it has ${colors.length / 3} colors, and a pixel has color ${index}`,
				);
			const at = (y * width + left + column) * CHANNELS;
			for (let channel = 0; channel < CHANNELS; channel++)
				frame[at + channel] = colors[3 * index + channel];
		}
	}
}

/** Every eighth row, the eighth ones between, the fourth ones between, the second ones between. */
function interlacedRow(row: number, height: number): number {
	let rest = row;
	for (const [first, step] of [
		[0, 8],
		[4, 8],
		[2, 4],
		[1, 2],
	]) {
		const rows = Math.max(Math.ceil((height - first) / step), 0);
		if (rest < rows) return first + rest * step;
		rest -= rows;
	}
	return rest;
}
