import { intAttr } from "../../graph/attrs.js";
import { gatheredAlong, type indexingOps } from "../../ops/array/indexing.js";
import { stacked } from "../../ops/array/joining.js";
import { normalizeAxis } from "../../ops/shapes.js";
import { gatherAxis } from "../../tensor/axis.js";
import { DTYPES } from "../../tensor/dtype.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import { elementCount, type Tensor } from "../../tensor/tensor.js";
import { stridesOf } from "../../tensor/transpose.js";
import { numbersOf } from "../elementwise.js";
import type { HostKernel, HostTable } from "../kernel.js";
import { integers } from "./integers.js";
import { rowsAt } from "./scattering.js";
import { reshaped } from "./shape.js";

const gather: HostKernel = (node, [x, indices, axisTensor]) => {
	const batchDims = intAttr(node, "batch_dims");
	const batch = batchDims < 0 ? batchDims + indices.shape.length : batchDims;
	const axis = normalizeAxis(integers(axisTensor)[0], x.shape.length);
	return [gatheredInBatches(x, indices, axis, batch)];
};

function gatheredInBatches(
	x: Tensor,
	indices: Tensor,
	axis: number,
	batch: number,
): Tensor {
	if (batch === 0 || x.shape[0] === 0) return gatheredAlong(x, axis, indices);
	const entry = (tensor: Tensor, i: number): Tensor => ({
		...gatherAxis(tensor, 0, [i]),
		shape: tensor.shape.slice(1),
	});
	return stacked(
		Array.from({ length: x.shape[0] }, (_, i) =>
			gatheredInBatches(entry(x, i), entry(indices, i), axis - 1, batch - 1),
		),
		0,
	);
}

const gatherNd: HostKernel = (node, [x, indices]) => {
	if (node.attrs.bad_indices_policy === "IGNORE") return undefined;
	const depth = indices.shape[indices.shape.length - 1];
	const rest = x.shape.slice(depth);
	const table = reshaped(x, [
		elementCount(x.shape.slice(0, depth)),
		elementCount(rest),
	]);
	const taken = gatherAxis(table, 0, rowsAt(indices, x.shape));
	return [{ ...taken, shape: [...indices.shape.slice(0, -1), ...rest] }];
};

const oneHot: HostKernel = (node, [indices, depthTensor, on, off]) => {
	const [depth] = integers(depthTensor);
	const rank = indices.shape.length;
	const axis = normalizeAxis(intAttr(node, "axis"), rank + 1);
	const inner = elementCount(indices.shape.slice(axis));
	const shape = indices.shape.toSpliced(axis, 0, depth);
	const places = integers(indices);
	const choices = Array.from({ length: elementCount(shape) }, (_, at) => {
		const block = Math.floor(at / (depth * inner));
		const place = places[block * inner + (at % inner)];
		return Number(place === Math.floor(at / inner) % depth);
	});
	const values = stacked([off, on], 0);
	return [{ ...gatherAxis(values, 0, choices), shape }];
};

const where: HostKernel = (_, [x]) => {
	const strides = stridesOf(x.shape);
	const values = x.dtype === "string" ? undefined : numbersOf(x);
	const { lanes } = DTYPES[x.dtype];
	const isTrue = (at: number) => {
		if (values === undefined) return (x.data[at] as Uint8Array).length > 0;
		for (let lane = at * lanes; lane < (at + 1) * lanes; lane++)
			if (Number(values[lane]) !== 0) return true;
		return false;
	};
	const found = Array.from({ length: elementCount(x.shape) }, (_, at) => at)
		.filter(isTrue)
		.flatMap((at) =>
			strides.map((stride, axis) => Math.floor(at / stride) % x.shape[axis]),
		);
	const rank = x.shape.length;
	const count = rank === 0 ? Number(isTrue(0)) : found.length / rank;
	return [tensorFromNumbers("int64", [count, rank], found)];
};

export const indexingKernels: HostTable<typeof indexingOps> = {
	GatherV2: gather,
	GatherNd: gatherNd,
	OneHot: oneHot,
	Where: where,
};
