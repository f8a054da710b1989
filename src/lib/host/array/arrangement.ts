import { fail } from "../../errors.js";
import { intAttr } from "../../graph/attrs.js";
import {
	type arrangementOps,
	reversed,
	tiled,
} from "../../ops/array/arrangement.js";
import { stacked } from "../../ops/array/joining.js";
import { normalizeAxis } from "../../ops/shapes.js";
import { gatherAxis } from "../../tensor/axis.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import type { Tensor } from "../../tensor/tensor.js";
import { transpose } from "../../tensor/transpose.js";
import type { HostKernel, HostTable } from "../kernel.js";
import { integers } from "./integers.js";

const transposed: HostKernel = (_, [x, order]) => [
	transpose(
		x,
		integers(order).map((axis) => normalizeAxis(axis, x.shape.length)),
	),
];

/** Of each entry of the batch the first `length` slices of the sequence backwards, the rest as they are. */
const reverseSequence: HostKernel = (node, [x, lengths]) => {
	const rank = x.shape.length;
	const batch = normalizeAxis(intAttr(node, "batch_dim"), rank);
	const sequence = normalizeAxis(intAttr(node, "seq_dim"), rank);
	const size = x.shape[sequence];
	const entries = integers(lengths).map((length, i) => {
		const places = Array.from({ length: size }, (_, place) =>
			place < length ? length - 1 - place : place,
		);
		return gatherAxis(gatherAxis(x, batch, [i]), sequence, places);
	});
	return entries.length === 0 ? [x] : [joinedAlong(entries, batch)];
};

/** Entries of size 1 along an axis, put behind one another. */
function joinedAlong(entries: readonly Tensor[], axis: number): Tensor {
	return stacked(
		entries.map((entry) => ({
			...entry,
			shape: entry.shape.toSpliced(axis, 1),
		})),
		axis,
	);
}

const roll: HostKernel = (_, [x, shift, axis]) => {
	const shifts = integers(shift);
	return [
		integers(axis).reduce((value, at, i) => {
			const normalized = normalizeAxis(at, value.shape.length);
			const size = value.shape[normalized];
			const places = Array.from(
				{ length: size },
				(_, place) => (((place - shifts[i]) % size) + size) % size,
			);
			return gatherAxis(value, normalized, places);
		}, x),
	];
};

const invertPermutation: HostKernel = (_, [x]) => {
	const order = integers(x);
	const inverse = new Array<number>(order.length).fill(-1);
	for (const [place, index] of order.entries()) inverse[index] = place;
	if (inverse.length !== order.length || inverse.includes(-1))
		throw fail(
			"INVALID",
			`cannot invert ${order.join(", ")}: it is not a permutation`,
		);
	return [tensorFromNumbers(x.dtype, x.shape, inverse)];
};

export const arrangementKernels: HostTable<typeof arrangementOps> = {
	Transpose: transposed,
	Tile: (_, [x, multiples]) => [tiled(x, integers(multiples))],
	ReverseV2: (_, [x, axes]) => [reversed(x, integers(axes))],
	ReverseSequence: reverseSequence,
	Roll: roll,
	InvertPermutation: invertPermutation,
};
