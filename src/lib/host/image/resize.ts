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
	const data = new Float32Array(elementCount(shape));
	let at = 0;
	for (let b = 0; b < batch; b++)
		for (let row = 0; row < rows; row++) {
			const top = (b * height + vertical.lower[row]) * width;
			const bottom = (b * height + vertical.upper[row]) * width;
			const down = vertical.share[row];
			for (let column = 0; column < columns; column++) {
				const left = horizontal.lower[column];
				const right = horizontal.upper[column];
				const across = horizontal.share[column];
				const [offsetA, offsetB] = [
					(top + left) * channels,
					(top + right) * channels,
				];
				const [offsetC, offsetD] = [
					(bottom + left) * channels,
					(bottom + right) * channels,
				];
				for (let channel = 0; channel < channels; channel++) {
					const topLeft = from[offsetA + channel];
					const topRight = from[offsetB + channel];
					const bottomLeft = from[offsetC + channel];
					const bottomRight = from[offsetD + channel];
					const above = topLeft + (topRight - topLeft) * across;
					const below = bottomLeft + (bottomRight - bottomLeft) * across;
					data[at++] = above + (below - above) * down;
				}
			}
		}
	return [{ dtype: "float32", shape, data }];
};

export const resizeKernels: HostTable<typeof resizeOps> = {
	ResizeBilinear: bilinear,
	ResizeNearestNeighbor: nearest,
};
