import { fail } from "../../errors.js";
import type { Node } from "../../graph/ir.js";
import type { scatteringOps } from "../../ops/array/scattering.js";
import { DTYPES, type NumericArray } from "../../tensor/dtype.js";
import {
	allocate,
	elementCount,
	type Tensor,
	type TensorData,
} from "../../tensor/tensor.js";
import { stridesOf } from "../../tensor/transpose.js";
import { numbersOf, rounded } from "../elementwise.js";
import type { HostKernel, HostTable } from "../kernel.js";
import { integers } from "./integers.js";

type Combine = (old: number, update: number) => number;

/**
 * The rows that indices, [..., coordinates], name in a tensor of this shape. Fails with INVALID for one that is not
 * there, or makes it -1.
 */
export function rowsAt(
	indices: Tensor,
	shape: readonly number[],
	isLenient = false,
): number[] {
	const depth = indices.shape[indices.shape.length - 1];
	const sizes = shape.slice(0, depth);
	const strides = stridesOf(sizes);
	const coordinates = integers(indices);
	return Array.from(
		{ length: elementCount(indices.shape.slice(0, -1)) },
		(_, i) => {
			const index = coordinates.slice(i * depth, (i + 1) * depth);
			const isMissing = index.some((at, axis) => at < 0 || at >= sizes[axis]);
			if (isMissing && !isLenient)
				throw fail(
					"INVALID",
					`cannot find index [${index}] in a tensor of shape [${shape}]`,
				);
			if (isMissing) return -1;
			return index.reduce((sum, at, axis) => sum + at * strides[axis], 0);
		},
	);
}

/** A copy of `x` with rows replaced, or combined with those that are there. */
function scattered(
	x: Tensor,
	indices: Tensor,
	updates: Tensor,
	combine: Combine,
	isLenient: boolean,
): Tensor {
	const { lanes } = DTYPES[x.dtype];
	const depth = indices.shape[indices.shape.length - 1];
	const width = elementCount(x.shape.slice(depth)) * lanes;
	const data = x.data.slice() as NumericArray;
	const given = updates.data as NumericArray;
	for (const [i, row] of rowsAt(indices, x.shape, isLenient).entries()) {
		if (row < 0) continue;
		for (let at = 0; at < width; at++)
			data[row * width + at] = combine(
				data[row * width + at],
				given[i * width + at],
			);
	}
	return { ...x, data: data as TensorData };
}

/** Only for types whose elements are numbers as they are stored: those wrap by themselves. */
function scatterInto(
	combine: Combine,
	isTaken: (x: Tensor) => boolean = isStoredNumber,
): HostKernel {
	return (node, [x, indices, updates]) =>
		isTaken(x)
			? [scattered(x, indices, updates, combine, isLenient(node.attrs))]
			: undefined;
}

const replaced: Combine = (_, update) => update;
const added: Combine = (old, update) => old + update;

const scatterNd: HostKernel = (node, [indices, updates, shape]) => {
	if (DTYPES[updates.dtype].kind === "half")
		return summedHalves(node, [indices, updates, shape]);
	if (!isStoredSum(updates)) return undefined;
	const sizes = integers(shape);
	const zeros: Tensor = {
		dtype: updates.dtype,
		shape: sizes,
		data: allocate(updates.dtype, elementCount(sizes)),
	};
	return [scattered(zeros, indices, updates, added, isLenient(node.attrs))];
};

/** Halves add up in single precision. */
function summedHalves(
	node: Node,
	[indices, updates, shape]: readonly Tensor[],
): readonly Tensor[] | undefined {
	const { dtype } = updates;
	const data = numbersOf(updates) as Float32Array<ArrayBuffer>;
	const single: Tensor = { ...updates, dtype: "float32", data };
	const sums = scatterNd(node, [indices, single, shape]);
	return sums?.map((sum) => ({
		dtype,
		shape: sum.shape,
		data: rounded(dtype, sum.data as Float32Array) as TensorData,
	}));
}

function isStoredNumber({ dtype }: Tensor): boolean {
	return ["float", "int", "bigint"].includes(DTYPES[dtype].kind);
}

/** The parts of complex numbers add up each on their own. */
function isStoredSum(x: Tensor): boolean {
	return isStoredNumber(x) || DTYPES[x.dtype].kind === "complex";
}

function isLenient(attrs: Readonly<Record<string, unknown>>): boolean {
	return attrs.bad_indices_policy === "IGNORE";
}

export const scatteringKernels: HostTable<typeof scatteringOps> = {
	ScatterNd: scatterNd,
	TensorScatterUpdate: (node, [x, indices, updates]) => [
		scattered(x, indices, updates, replaced, isLenient(node.attrs)),
	],
	TensorScatterAdd: scatterInto(added, isStoredSum),
	TensorScatterMax: scatterInto((old, update) => (update > old ? update : old)),
	TensorScatterMin: scatterInto((old, update) => (update < old ? update : old)),
};
