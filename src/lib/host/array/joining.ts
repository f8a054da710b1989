import { fail } from "../../errors.js";
import { intAttr } from "../../graph/attrs.js";
import { cutAxis, type joiningOps, stacked } from "../../ops/array/joining.js";
import { normalizeAxis } from "../../ops/shapes.js";
import { concat } from "../../tensor/axis.js";
import type { HostKernel, HostTable } from "../kernel.js";
import { integers } from "./integers.js";

const concatenated: HostKernel = (_, inputs) => {
	const values = inputs.slice(0, -1);
	const [axis] = integers(inputs[inputs.length - 1]);
	return [concat(values, normalizeAxis(axis, values[0].shape.length))];
};

const pack: HostKernel = (node, inputs) => {
	const rank = inputs[0].shape.length + 1;
	return [stacked(inputs, normalizeAxis(intAttr(node, "axis"), rank))];
};

const unpack: HostKernel = (node, [x]) => {
	const axis = normalizeAxis(intAttr(node, "axis"), x.shape.length);
	const ones = new Array<number>(x.shape[axis]).fill(1);
	return cutAxis(x, axis, ones).map((piece) => ({
		...piece,
		shape: x.shape.toSpliced(axis, 1),
	}));
};

const split: HostKernel = (node, [axisTensor, x]) => {
	const axis = normalizeAxis(integers(axisTensor)[0], x.shape.length);
	const count = node.outputs.length;
	return cutAxis(x, axis, new Array(count).fill(x.shape[axis] / count));
};

const splitV: HostKernel = (_, [x, sizeTensor, axisTensor]) => {
	const axis = normalizeAxis(integers(axisTensor)[0], x.shape.length);
	const sizes = integers(sizeTensor);
	const known = sizes.filter((size) => size >= 0).reduce((a, b) => a + b, 0);
	const lengths = sizes.map((size) =>
		size < 0 ? x.shape[axis] - known : size,
	);
	if (lengths.reduce((a, b) => a + b, 0) !== x.shape[axis])
		throw fail(
			"INVALID",
			`cannot split an axis of size ${x.shape[axis]} into parts of ${sizes.join(", ")}`,
		);
	return cutAxis(x, axis, lengths);
};

export const joiningKernels: HostTable<typeof joiningOps> = {
	ConcatV2: concatenated,
	Pack: pack,
	Unpack: unpack,
	Split: split,
	SplitV: splitV,
};
