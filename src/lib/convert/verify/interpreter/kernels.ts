import { boolAttr, intsAttr } from "../../../graph/attrs.js";
import type { Node } from "../../../graph/ir.js";
import { stretched } from "../../../host/broadcast.js";
import type { HostKernel } from "../../../host/kernel.js";
import {
	axisLayout,
	imageShape,
	imageSizes,
	isChannelsLast,
	spatialItems,
	windowedSizes,
	windowOf,
	windowPads,
} from "../../../ops/nn/window.js";
import { elementCount, type Tensor } from "../../../tensor/tensor.js";
import { transpose } from "../../../tensor/transpose.js";

/**
 * What runtimes compute and the host does not, for float32, as plainly as it can be said: sums are in double precision. Only for
 * comparisons; elsewhere a runtime is quicker.
 */
export const PLAIN_KERNELS: Readonly<Record<string, HostKernel | undefined>> = {
	MatMul: floats((node, [a, b]) =>
		product(
			flipped(a, boolAttr(node, "transpose_a")),
			flipped(b, boolAttr(node, "transpose_b")),
		),
	),
	BatchMatMul: floats(batchProduct),
	BatchMatMulV2: floats(batchProduct),
	BatchMatMulV3: floats(batchProduct),
	BiasAdd: floats(biased),
	Softmax: floats((_, [x]) => perRow(x, softmax)),
	LogSoftmax: floats((_, [x]) => perRow(x, logSoftmax)),
	Elu: floats((_, [x]) =>
		mapped(x, (value) => (value < 0 ? Math.expm1(value) : value)),
	),
	MaxPool: floats((node, [x]) =>
		pooled(node, x, (values) => Math.max(...values)),
	),
	AvgPool: floats((node, [x]) =>
		pooled(
			node,
			x,
			(values) => values.reduce((sum, value) => sum + value, 0) / values.length,
		),
	),
};

/** No rule for other element types. */
function floats(
	compute: (node: Node, inputs: readonly Tensor[]) => Tensor | undefined,
): HostKernel {
	return (node, inputs) => {
		if (inputs.some(({ dtype }) => dtype !== "float32")) return undefined;
		const made = compute(node, inputs);
		return made && [made];
	};
}

function mapped(x: Tensor, change: (value: number) => number): Tensor {
	return { ...x, data: (x.data as Float32Array).map(change) };
}

/** With its last two axes exchanged. */
function flipped(x: Tensor, isFlipped: boolean): Tensor {
	if (!isFlipped) return x;
	const axes = x.shape.map((_, axis) => axis);
	const [last, before] = [axes.length - 1, axes.length - 2];
	return transpose(x, [...axes.slice(0, -2), last, before]);
}

function batchProduct(
	node: Node,
	[a, b]: readonly Tensor[],
): Tensor | undefined {
	return product(
		flipped(a, boolAttr(node, "adj_x")),
		flipped(b, boolAttr(node, "adj_y")),
	);
}

/** Matrices in the last two axes; the axes before are broadcast. */
function product(a: Tensor, b: Tensor): Tensor {
	const [rows, inner] = a.shape.slice(-2);
	const [, columns] = b.shape.slice(-2);
	const [left, right] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
	const rank = Math.max(left.length, right.length);
	const batch = Array.from({ length: rank }, (_, axis) => {
		const m = left[axis - rank + left.length] ?? 1;
		const n = right[axis - rank + right.length] ?? 1;
		return m === 1 ? n : m;
	});
	const count = elementCount(batch);
	const places = [
		stretched(left, batch, count),
		stretched(right, batch, count),
	];
	const [x, y] = [a.data as Float32Array, b.data as Float32Array];
	const data = new Float32Array(count * rows * columns);
	const sums = new Float64Array(columns);
	for (let one = 0; one < count; one++)
		for (let row = 0; row < rows; row++) {
			sums.fill(0);
			const from = (places[0][one] * rows + row) * inner;
			for (let k = 0; k < inner; k++) {
				const factor = x[from + k];
				const start = (places[1][one] * inner + k) * columns;
				for (let j = 0; j < columns; j++) sums[j] += factor * y[start + j];
			}
			data.set(sums, (one * rows + row) * columns);
		}
	return { dtype: "float32", shape: [...batch, rows, columns], data };
}

/** A number a channel: of the last axis, or of the second one. */
function biased(node: Node, [x, bias]: readonly Tensor[]): Tensor {
	const isFirst = node.attrs.data_format === "NCHW";
	const inner = isFirst ? elementCount(x.shape.slice(2)) : 1;
	const added = bias.data as Float32Array;
	const data = (x.data as Float32Array).map(
		(value, i) => value + added[Math.floor(i / inner) % added.length],
	);
	return { ...x, data };
}

function perRow(x: Tensor, change: (row: Float32Array) => void): Tensor {
	const data = (x.data as Float32Array).slice();
	const size = x.shape.at(-1) ?? 1;
	for (let at = 0; at < data.length; at += size)
		change(data.subarray(at, at + size));
	return { ...x, data };
}

function softmax(row: Float32Array): void {
	const most = row.reduce((a, b) => Math.max(a, b), -Infinity);
	const parts = Float64Array.from(row, (value) => Math.exp(value - most));
	const sum = parts.reduce((a, b) => a + b, 0);
	row.set(parts.map((value) => value / sum));
}

function logSoftmax(row: Float32Array): void {
	const most = row.reduce((a, b) => Math.max(a, b), -Infinity);
	let sum = 0;
	for (const value of row) sum += Math.exp(value - most);
	row.set(Float64Array.from(row, (value) => value - most - Math.log(sum)));
}

/** Windows of pictures with channels last; what lies outside of a picture counts for nothing. */
function pooled(
	node: Node,
	x: Tensor,
	reduce: (values: readonly number[]) => number,
): Tensor | undefined {
	const layout = axisLayout(node);
	if (!isChannelsLast(layout)) return undefined;
	const { batch, spatial, channels } = imageSizes(x.shape, layout);
	const kernel = spatialItems(intsAttr(node, "ksize"), layout);
	const window = windowOf(node, layout, kernel);
	const places = windowedSizes(window, spatial);
	const pads = windowPads(window, spatial) ?? [];
	const [height, width] = spatial;
	const [rows, columns] = places;
	const pixels = x.data as Float32Array;
	const data = new Float32Array(elementCount([batch, ...places, channels]));
	const range = (axis: number, place: number): readonly number[] => {
		const start = place * window.strides[axis] - pads[axis][0];
		return Array.from(
			{ length: kernel[axis] },
			(_, tap) => start + tap * window.dilations[axis],
		).filter((at) => at >= 0 && at < spatial[axis]);
	};
	let at = 0;
	for (let picture = 0; picture < batch; picture++)
		for (let row = 0; row < rows; row++)
			for (let column = 0; column < columns; column++) {
				const taps = range(0, row).flatMap((i) =>
					range(1, column).map(
						(j) => ((picture * height + i) * width + j) * channels,
					),
				);
				for (let channel = 0; channel < channels; channel++)
					data[at++] = reduce(taps.map((tap) => pixels[tap + channel]));
			}
	const shape = imageShape({ batch, spatial: places, channels }, layout);
	return { dtype: "float32", shape, data };
}
