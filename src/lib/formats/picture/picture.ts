import { fail } from "../../errors.js";

/** Samples of a picture, row by row and pixel by pixel; 16 bits where the array has them. */
export interface Picture {
	readonly width: number;
	readonly height: number;
	readonly channels: number;
	readonly data: Uint8Array | Uint16Array;
}

/** 0 leaves the file's own. */
export type Channels = 0 | 1 | 3 | 4;

/** TensorFlow's kernels take fewer pixels than this, and a small file may claim to have more (decode_image_op.cc). */
const MAX_PIXELS = 2 ** 29;

/** Fails with CORRUPT for sizes that no memory should be reserved for. */
export function checkSize(kind: string, width: number, height: number): void {
	if (width <= 0 || height <= 0)
		throw fail(
			"CORRUPT",
			`cannot read the ${kind}: it is ${width} pixels wide and ${height} high`,
		);
	if (width * height >= MAX_PIXELS)
		throw fail(
			"CORRUPT",
			`cannot read the ${kind}: it has ${width}×${height} pixels, less than 2^29 are wanted`,
		);
}
