import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Tensor } from "../src/lib/tensor/tensor.js";

const FOLDER = "fixtures/mnist";
const SIDE = 28;

/** Digits as networks take them, numbers from 0 to 1. */
export function digitPictures(name: "held-out" | "calibration"): Tensor {
	// idx: a number that says what follows, the count and two sizes, each in 4 bytes
	const pixels = unpacked(`${name}-images.idx3.gz`).subarray(16);
	return {
		dtype: "float32",
		shape: [pixels.length / SIDE ** 2, SIDE, SIDE, 1],
		data: Float32Array.from(pixels, (pixel) => pixel / 255),
	};
}

/** What the held-out pictures show. */
export function digitLabels(): readonly number[] {
	return [...unpacked("held-out-labels.idx1.gz").subarray(8)];
}

function unpacked(file: string): Buffer {
	return gunzipSync(readFileSync(join(FOLDER, file)));
}
