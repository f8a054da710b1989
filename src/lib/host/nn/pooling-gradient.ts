import { fail } from "../../errors.js";
import type { Node } from "../../graph/ir.js";
import { poolOf } from "../../ops/nn/pooling.js";
import {
	axisLayout,
	imageSizes,
	windowedSizes,
	windowPads,
} from "../../ops/nn/window.js";
import type { NumericArray } from "../../tensor/dtype.js";
import { integersOf } from "../../tensor/integers.js";
import { elementCount, showShape, type Tensor } from "../../tensor/tensor.js";
import { stridesOf } from "../../tensor/transpose.js";
import { numbersOf, rounded } from "../elementwise.js";
import type { HostKernel } from "../kernel.js";

/** `MaxPoolGrad`: what comes back goes to the largest element of each window, of equal ones to the first. */
export const maxPoolGrad: HostKernel = (node, inputs) =>
	maximumGradient(node, inputs, 1);

/** `MaxPool3DGrad`: of equal ones each gets all of it. */
export const maxPool3dGrad: HostKernel = (node, inputs) =>
	maximumGradient(node, inputs, Infinity);

/** At most so many elements of a window that are equal to its largest get what comes back. */
function maximumGradient(
	node: Node,
	[input, , gradient]: readonly Tensor[],
	most: number,
): readonly Tensor[] {
	const values = numbersOf(input) as NumericArray;
	const from = numbersOf(gradient) as NumericArray;
	const sums = new Float64Array(values.length);
	eachWindow(node, input.shape, gradient.shape, (at, places, count) => {
		let highest = values[places[0]];
		for (let i = 1; i < count; i++)
			if (values[places[i]] > highest) highest = values[places[i]];
		for (let i = 0, found = 0; i < count && found < most; i++)
			if (values[places[i]] === highest) {
				sums[places[i]] += from[at];
				found++;
			}
	});
	return [{ ...input, data: rounded(input.dtype, sums) }];
}

/** `AvgPoolGrad`: what comes back is shared out among the elements of each window; padding has no share. */
export const avgPoolGrad: HostKernel = (node, [shapeTensor, gradient]) => {
	const shape = Array.from(integersOf(shapeTensor));
	const from = numbersOf(gradient) as NumericArray;
	const sums = new Float64Array(elementCount(shape));

	eachWindow(node, shape, gradient.shape, (at, places, count) => {
		const share = from[at] / count;
		for (let i = 0; i < count; i++) sums[places[i]] += share;
	});
	const { dtype } = gradient;
	return [{ dtype, shape, data: rounded(dtype, sums) }];
};

/** Element `at` of the result is made of the first `count` of these elements of the input, in order. */
type WindowVisitor = (at: number, places: Int32Array, count: number) => void;

/** Goes through the windows of a pooled image of two or three spatial axes. */
function eachWindow(
	node: Node,
	shape: readonly number[],
	pooled: readonly number[],
	visit: WindowVisitor,
): void {
	const axes = windowAxes(node, shape, pooled);
	const [planes, rows, columns] = axes;
	const { batch, channels, steps } = outerAxes(node, shape, pooled);
	const size = axes.reduce((product, { kernel }) => product * kernel, 1);
	const offsets = new Int32Array(size);
	const places = new Int32Array(size);
	for (let z = 0; z < planes.count; z++)
		for (let y = 0; y < rows.count; y++)
			for (let x = 0; x < columns.count; x++) {
				const count = offsetsOf(axes, [z, y, x], offsets);
				if (count === 0) continue;
				const out = z * planes.outStep + y * rows.outStep + x * columns.outStep;
				for (let b = 0; b < batch; b++)
					for (let c = 0; c < channels; c++) {
						const start = b * steps.batch + c * steps.channel;
						for (let i = 0; i < count; i++) places[i] = start + offsets[i];
						visit(
							out + b * steps.outBatch + c * steps.outChannel,
							places,
							count,
						);
					}
			}
}

/** One spatial axis: how the window moves along it, and how far apart neighbours are in memory. */
interface WindowAxis {
	readonly size: number;
	readonly count: number;
	readonly kernel: number;
	readonly stride: number;
	readonly before: number;
	readonly step: number;
	readonly outStep: number;
}

const NO_AXIS: WindowAxis = {
	size: 1,
	count: 1,
	kernel: 1,
	stride: 1,
	before: 0,
	step: 0,
	outStep: 0,
};

/** Three of them. */
function windowAxes(
	node: Node,
	shape: readonly number[],
	pooled: readonly number[],
): readonly WindowAxis[] {
	const layout = axisLayout(node);
	const { window, depth } = poolOf(node);
	if (depth > 1)
		throw fail("UNSUPPORTED", "cannot find gradients of pooled channels");
	const sizes = imageSizes(shape, layout).spatial;
	const pads = windowPads(window, sizes) ?? [];
	const counts = windowedSizes(window, sizes);
	if (showShape(counts) !== showShape(imageSizes(pooled, layout).spatial))
		throw fail(
			"INVALID",
			`cannot bring a gradient of shape ${showShape(pooled)} back to an image of shape ${showShape(shape)}: its windows are ${showShape(counts)}`,
		);
	const [steps, outSteps] = [stridesOf(shape), stridesOf(pooled)];
	const axes = layout.spatial.map((axis, i) => ({
		size: sizes[i],
		count: counts[i],
		kernel: window.kernel[i],
		stride: window.strides[i],
		before: pads[i][0],
		step: steps[axis],
		outStep: outSteps[axis],
	}));
	return [...new Array<WindowAxis>(3 - axes.length).fill(NO_AXIS), ...axes];
}

function outerAxes(
	node: Node,
	shape: readonly number[],
	pooled: readonly number[],
) {
	const layout = axisLayout(node);
	const { batch, channels } = imageSizes(shape, layout);
	const [steps, outSteps] = [stridesOf(shape), stridesOf(pooled)];
	return {
		batch,
		channels,
		steps: {
			batch: steps[0],
			channel: steps[layout.channels],
			outBatch: outSteps[0],
			outChannel: outSteps[layout.channels],
		},
	};
}

/** Where the elements of a window are, counted from the image's first; returns how many, as padding has none. */
function offsetsOf(
	axes: readonly WindowAxis[],
	index: readonly number[],
	offsets: Int32Array,
): number {
	const [z, y, x] = axes.map((axis, i) => rangeOf(axis, index[i]));
	let count = 0;
	for (let k = z.from; k < z.to; k++)
		for (let j = y.from; j < y.to; j++)
			for (let i = x.from; i < x.to; i++)
				offsets[count++] =
					k * axes[0].step + j * axes[1].step + i * axes[2].step;
	return count;
}

function rangeOf(axis: WindowAxis, index: number) {
	const start = index * axis.stride - axis.before;
	return {
		from: Math.max(start, 0),
		to: Math.min(start + axis.kernel, axis.size),
	};
}
