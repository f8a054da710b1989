import { fail } from "../../errors.js";
import {
	nearestIndices,
	type resizeOps,
	type Sampling,
	samplingOf,
} from "../../ops/image/resize.js";
import type { NumericArray } from "../../tensor/dtype.js";
import { allocate, elementCount, type Tensor } from "../../tensor/tensor.js";
import { integers } from "../array/integers.js";
import { numbersOf } from "../elementwise.js";
import type { HostKernel, HostTable } from "../kernel.js";

const { fround } = Math;

/** [batch, height, width, channels] and the size that is wanted. Fails with INVALID where one of them is nothing. */
function sizesOf(image: Tensor, size: Tensor) {
	const [batch, height, width, channels] = image.shape;
	const [rows, columns] = integers(size);
	if (image.shape.length !== 4 || Math.min(height, width, rows, columns) <= 0)
		throw fail(
			"INVALID",
			`cannot resize an image of shape [${image.shape}] to [${rows},${columns}]: wanted [batch,height,width,channels], and sizes above 0`,
		);
	const shape = [batch, rows, columns, channels];
	return { batch, height, width, channels, rows, columns, shape };
}

const nearest: HostKernel = (node, [image, size]) => {
	const { batch, height, width, channels, rows, columns, shape } = sizesOf(
		image,
		size,
	);
	const sampling = samplingOf(node);
	const ys = nearestIndices(height, rows, sampling);
	const xs = nearestIndices(width, columns, sampling);
	const from = image.data as NumericArray;
	const data = allocate(image.dtype, elementCount(shape)) as NumericArray;
	let at = 0;
	for (let b = 0; b < batch; b++)
		for (const y of ys)
			for (const x of xs) {
				const place = ((b * height + y) * width + x) * channels;
				for (let channel = 0; channel < channels; channel++)
					data[at++] = from[place + channel];
			}
	return [{ dtype: image.dtype, shape, data }];
};

/** The two pixels that each new one lies between, and how near to the second (kernels/image/resize_bilinear_op.cc). */
interface Between {
	readonly lower: Int32Array;
	readonly upper: Int32Array;
	readonly share: Float32Array;
}

function between(
	from: number,
	to: number,
	{ alignCorners, halfPixelCenters }: Sampling,
): Between {
	const scale =
		alignCorners && to > 1
			? fround((from - 1) / fround(to - 1))
			: fround(from / fround(to));
	const lower = new Int32Array(to);
	const upper = new Int32Array(to);
	const share = new Float32Array(to);
	for (let i = 0; i < to; i++) {
		const position = halfPixelCenters
			? fround(fround((i + 0.5) * scale) - 0.5)
			: fround(i * scale);
		const before = Math.floor(position);
		lower[i] = Math.max(before, 0);
		upper[i] = Math.min(Math.ceil(position), from - 1);
		if (!halfPixelCenters) upper[i] = Math.min(before + 1, from - 1);
		share[i] = position - before;
	}
	return { lower, upper, share };
}

const bilinear: HostKernel = (node, [image, size]) => {
	const { batch, height, width, channels, rows, columns, shape } = sizesOf(
		image,
		size,
	);
	const sampling = samplingOf(node);
	const vertical = between(height, rows, sampling);
	const horizontal = between(width, columns, sampling);
	const from = numbersOf(image) as NumericArray;
	const line = columns * channels;
	const data = new Float32Array(elementCount(shape));
	let above: Line = { y: -1, values: new Float32Array(line) };
	let below: Line = { y: -1, values: new Float32Array(line) };
	const stretched = (old: Line, y: number): Line => {
		if (old.y === y) return old;
		stretchLine(from, y * width * channels, channels, horizontal, old.values);
		return { y, values: old.values };
	};
	for (let row = 0; row < batch * rows; row++) {
		const picture = Math.floor(row / rows) * height;
		const y = picture + vertical.lower[row % rows];
		// what was below is above, most often
		if (below.y === y) [above, below] = [below, above];
		above = stretched(above, y);
		below = stretched(below, picture + vertical.upper[row % rows]);
		mix(
			above.values,
			below.values,
			vertical.share[row % rows],
			data,
			row * line,
		);
	}
	return [{ dtype: "float32", shape, data }];
};

/** A row of the old image as wide as the new one. */
interface Line {
	/** Counted through all images; -1 for none. */
	readonly y: number;
	readonly values: Float32Array;
}

function stretchLine(
	from: NumericArray,
	start: number,
	channels: number,
	{ lower, upper, share }: Between,
	line: Float32Array,
): void {
	for (let column = 0, at = 0; column < share.length; column++) {
		const left = start + lower[column] * channels;
		const right = start + upper[column] * channels;
		const across = share[column];
		for (let channel = 0; channel < channels; channel++) {
			const value = from[left + channel];
			line[at++] = value + (from[right + channel] - value) * across;
		}
	}
}

function mix(
	above: Float32Array,
	below: Float32Array,
	share: number,
	data: Float32Array,
	at: number,
): void {
	for (let i = 0; i < above.length; i++)
		data[at + i] = above[i] + (below[i] - above[i]) * share;
}

export const resizeKernels: HostTable<typeof resizeOps> = {
	ResizeBilinear: bilinear,
	ResizeNearestNeighbor: nearest,
};
