import { fail } from "../../errors.js";
import { dtypeAttr } from "../../graph/attrs.js";
import { type creationOps, rangeCount } from "../../ops/array/creation.js";
import { broadcast } from "../../ops/shapes.js";
import { gatherAxis } from "../../tensor/axis.js";
import { DTYPES } from "../../tensor/dtype.js";
import { numberTensor, tensorFromNumbers } from "../../tensor/numbers.js";
import { allocate, elementCount, type Tensor } from "../../tensor/tensor.js";
import { numbersOf, rounded } from "../elementwise.js";
import type { HostKernel, HostTable } from "../kernel.js";
import { integers } from "./integers.js";

/** One element in all places. */
export function filled(value: Tensor, shape: readonly number[]): Tensor {
	const flat = gatherAxis(
		{ ...value, shape: [1] },
		0,
		new Array<number>(elementCount(shape)).fill(0),
	);
	return { ...flat, shape };
}

const broadcastTo: HostKernel = (_, [x, wanted]) => {
	const shape = integers(wanted);
	const missing = new Array<number>(shape.length - x.shape.length).fill(1);
	return [
		shape.reduce<Tensor>(
			(value, size, axis) =>
				value.shape[axis] === size
					? value
					: gatherAxis(value, axis, new Array<number>(size).fill(0)),
			{ ...x, shape: [...missing, ...x.shape] },
		),
	];
};

const broadcastArgs: HostKernel = (_, [a, b]) => {
	const shape = broadcast(integers(a), integers(b)) ?? [];
	return [tensorFromNumbers(a.dtype, [shape.length], shape)];
};

/** Each element is the one before it plus the step, rounded (sequence_ops.cc). */
const range: HostKernel = (node, inputs) => {
	const dtype = dtypeAttr(node, "Tidx");
	const given = inputs.map((input) => numbersOf(input)[0]);
	const [start, , delta] = given;
	if (Number(delta) === 0)
		throw fail("INVALID", "cannot make a range with step 0");
	const count = rangeCount(dtype, given.map(Number));
	if (DTYPES[dtype].kind === "half") return undefined;
	const data = allocate(dtype, count) as Float32Array;
	for (let i = 0; i < count; i++)
		data[i] =
			i === 0 ? (start as number) : (data[i - 1] as number) + (delta as number);
	return [{ dtype, shape: [count], data }];
};

/** The last element is `stop` itself. */
const linSpace: HostKernel = (_, [from, to, count]) => {
	const [start, stop] = [from, to].map((input) => Number(numbersOf(input)[0]));
	const [num] = integers(count);
	const round = from.dtype === "float32" ? Math.fround : Number;
	const step = round(round(stop - start) / Math.max(num - 1, 1));
	const values = Array.from({ length: num }, (_, i) =>
		i > 0 && i === num - 1 ? stop : round(start + round(step * i)),
	);
	return [
		{ dtype: from.dtype, shape: [num], data: rounded(from.dtype, values) },
	];
};

const zerosLike: HostKernel = (_, [{ dtype, shape }]) => [
	{ dtype, shape, data: allocate(dtype, elementCount(shape)) },
];

const onesLike: HostKernel = (_, [{ dtype, shape }]) =>
	DTYPES[dtype].kind === "complex"
		? undefined
		: [filled(numberTensor(dtype, 1), shape)];

export const creationKernels: HostTable<typeof creationOps> = {
	Fill: (_, [shape, value]) => [filled(value, integers(shape))],
	ZerosLike: zerosLike,
	OnesLike: onesLike,
	Range: range,
	LinSpace: linSpace,
	BroadcastTo: broadcastTo,
	BroadcastArgs: broadcastArgs,
};
