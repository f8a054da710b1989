import { fail } from "../../errors.js";
import { intsAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import { poolOf } from "../../ops/nn/pooling.js";
import { windowedSizes, windowPads } from "../../ops/nn/window.js";
import type { NumericArray } from "../../tensor/dtype.js";
import { allocate, elementCount, type Tensor } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";

/** Combines a value with those of the window before it; `finish` is given how many there were. */
interface Combination {
	readonly start: number;
	readonly combine: (sum: number, value: number) => number;
	readonly finish: (sum: number, count: number) => number;
}

/** Largest values; the integers keep what they stand for. */
export const maxPool = pooling({
	start: -Infinity,
	combine: Math.max,
	finish: (sum) => sum,
});

/** Means without their fraction (kernels/quantized_pooling_ops.cc). */
export const avgPool = pooling({
	start: 0,
	combine: (sum, value) => sum + value,
	finish: (sum, count) => Math.trunc(sum / count),
});

function pooling(combination: Combination): HostKernel {
	return (node, [image, low, high]) => [
		pooled(node, image, combination),
		low,
		high,
	];
}

function pooled(
	node: Node,
	image: Tensor,
	{ start, combine, finish }: Combination,
): Tensor {
	const { window, depth } = poolOf(node);
	if (depth !== 1)
		throw fail(
			"INVALID",
			`cannot pool quantized channels: ksize is [${intsAttr(node, "ksize")}]`,
		);
	const [batch, height, width, channels] = image.shape;
	const sizes = [height, width];
	const [rows, columns] = windowedSizes(window, sizes);
	const [[top], [left]] = windowPads(window, sizes) ?? [[0], [0]];
	const shape = [batch, rows, columns, channels];
	const values = image.data as NumericArray;
	const data = allocate(image.dtype, elementCount(shape)) as NumericArray;
	for (let i = 0; i < data.length; i++) {
		const channel = i % channels;
		const place = Math.floor(i / channels);
		const startX = (place % columns) * window.strides[1] - left;
		const startY =
			(Math.floor(place / columns) % rows) * window.strides[0] - top;
		const picture = Math.floor(place / (columns * rows)) * height;
		const [endY, endX] = [
			Math.min(startY + window.kernel[0], height),
			Math.min(startX + window.kernel[1], width),
		];
		let [sum, count] = [start, 0];
		for (let y = Math.max(startY, 0); y < endY; y++)
			for (let x = Math.max(startX, 0); x < endX; x++, count++)
				sum = combine(
					sum,
					values[((picture + y) * width + x) * channels + channel],
				);
		data[i] = finish(sum, count);
	}
	return { dtype: image.dtype, shape, data };
}
