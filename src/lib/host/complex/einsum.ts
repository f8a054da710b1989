import { stringAttr } from "../../graph/attrs.js";
import {
	einsumShape,
	labelSizes,
	parseEinsum,
} from "../../ops/linalg/einsum.js";
import { DTYPES, type NumericArray } from "../../tensor/dtype.js";
import { allocate, elementCount } from "../../tensor/tensor.js";
import { stridesOf } from "../../tensor/transpose.js";
import type { HostKernel } from "../kernel.js";

/** `Einsum` of complex numbers: each product of elements that labels bring together, added where the result has them. */
export const complexEinsum: HostKernel = (node, inputs) => {
	const equation = stringAttr(node, "equation");
	const shapes = inputs.map(({ shape }) => shape);
	const einsum = parseEinsum(equation, shapes);
	const shape = einsumShape(equation, shapes);
	if (einsum === undefined || shape === undefined) return undefined;
	const sizes = labelSizes(einsum, shapes);
	const labels = [...sizes.keys()];
	const counts = labels.map((label) => sizes.get(label) ?? 1);
	const operands = [...einsum.operands, einsum.output].map((list, i) =>
		labelStrides(labels, list, [...shapes, shape][i]),
	);
	const sums = new Float64Array(2 * elementCount(shape));
	const values = inputs.map(({ data }) => data as NumericArray);
	eachPlace(counts, operands, (places) => {
		let re = 1;
		let im = 0;
		for (let i = 0; i < values.length; i++) {
			const x = values[i][2 * places[i]];
			const y = values[i][2 * places[i] + 1];
			const real = re * x - im * y;
			im = re * y + im * x;
			re = real;
		}
		const to = 2 * places[values.length];
		sums[to] += re;
		sums[to + 1] += im;
	});
	const { dtype } = inputs[0];
	const data = allocate(dtype, sums.length / DTYPES[dtype].lanes);
	(data as NumericArray).set(sums);
	return [{ dtype, shape, data }];
};

/** How far apart elements are along each label; a label twice is a diagonal, an axis of size 1 is stretched. */
function labelStrides(
	labels: readonly string[],
	axes: readonly string[],
	shape: readonly number[],
): number[] {
	const strides = stridesOf(shape);
	return labels.map((label) =>
		axes.reduce(
			(sum, own, axis) =>
				own === label && shape[axis] !== 1 ? sum + strides[axis] : sum,
			0,
		),
	);
}

/** Goes through all indices, with the place that each operand has for them. */
function eachPlace(
	counts: readonly number[],
	operands: readonly (readonly number[])[],
	visit: (places: Int32Array) => void,
): void {
	const total = elementCount(counts);
	const index = new Int32Array(counts.length);
	const places = new Int32Array(operands.length);
	for (let done = 0; done < total; done++) {
		visit(places);
		for (let axis = counts.length - 1; axis >= 0; axis--) {
			index[axis]++;
			const isOver = index[axis] === counts[axis];
			const steps = isOver ? 1 - counts[axis] : 1;
			for (let i = 0; i < places.length; i++)
				places[i] += steps * operands[i][axis];
			if (!isOver) break;
			index[axis] = 0;
		}
	}
}
