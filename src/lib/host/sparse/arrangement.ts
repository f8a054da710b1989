import { fail } from "../../errors.js";
import { intAttr } from "../../graph/attrs.js";
import { normalizeAxis } from "../../ops/shapes.js";
import { integersOf, longTensor } from "../../tensor/integers.js";
import { takeRows } from "../../tensor/row-copy.js";
import { joinRows } from "../../tensor/rows.js";
import { showShape, type Tensor } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import { fillEmptyRows } from "../ragged/rows.js";
import {
	chosenValues,
	coordinatesOf,
	placesOf,
	rising,
	type Sparse,
	sparseOf,
} from "./coordinates.js";

/** `SparseReorder`: values in the order of their places. */
export const sparseReorder: HostKernel = (_, [indices, values, shape]) => {
	const sparse = sparseOf(indices, values, shape);
	return chosenValues(sparse, rising(placesOf(sparse))).slice(0, 2);
};

/** `SparseReshape` (kernels/reshape_util.cc): one size of the new shape may be -1. */
export const sparseReshape: HostKernel = (
	_,
	[indices, shapeTensor, wanted],
) => {
	const from = Array.from(integersOf(shapeTensor));
	const to = Array.from(integersOf(wanted));
	const count = from.reduce((a, b) => a * b, 1);
	const known = to.filter((size) => size !== -1).reduce((a, b) => a * b, 1);
	const unknown = to.length - to.filter((size) => size !== -1).length;
	const shape = to.map((size) => (size === -1 ? count / known : size));
	if (
		unknown > 1 ||
		shape.some((size) => !(Number.isInteger(size) && size >= 0)) ||
		(unknown === 0 && known !== count)
	)
		throw fail(
			"INVALID",
			`cannot give a sparse tensor of shape ${showShape(from)} the shape [${to}]`,
		);
	const [rows, rank] = indices.shape;
	const places = placesOf({
		indices: integersOf(indices),
		shape: from,
		rank,
		count: rows,
	});
	return [
		longTensor([rows, shape.length], coordinatesOf(places, shape)),
		longTensor([shape.length], shape),
	];
};

/** `SparseFillEmptyRows`: a row without values gets the default in its first place. */
export const sparseFillEmptyRows: HostKernel = (
	_,
	[indices, values, shapeTensor, defaults],
) => {
	const sparse = sparseOf(indices, values, shapeTensor);
	const { rank, count, shape } = sparse;
	if (rank === 0)
		throw fail("INVALID", "cannot fill the rows of a sparse scalar");
	const rows = new Float64Array(count);
	for (let i = 0; i < count; i++) rows[i] = sparse.indices[i * rank];
	const filled = fillEmptyRows(rows, shape[0]);
	const made = new Float64Array(filled.rows.length * rank);
	for (let i = 0; i < filled.rows.length; i++) {
		const source = filled.sources[i];
		if (source < 0) made[i * rank] = filled.rows[i];
		else
			for (let axis = 0; axis < rank; axis++)
				made[i * rank + axis] = sparse.indices[source * rank + axis];
	}
	return [
		longTensor([filled.rows.length, rank], made),
		takeRows(values, filled.sources, defaults),
		filled.empty,
		longTensor([count], filled.places),
	];
};

/** `SparseConcat`: tensors of one shape but for the axis along which they are joined, in the order of their places. */
export const sparseConcat: HostKernel = (node, inputs) => {
	const n = intAttr(node, "N");
	const parts = Array.from({ length: n }, (_, i) =>
		sparseOf(inputs[i], inputs[n + i], inputs[2 * n + i]),
	);
	const [{ rank, shape: first }] = parts;
	const axis = normalizeAxis(intAttr(node, "concat_dim"), rank);
	const stranger = parts.find(
		({ shape }) =>
			shape.length !== rank ||
			shape.some((size, i) => i !== axis && size !== first[i]),
	);
	if (stranger !== undefined)
		throw fail(
			"INVALID",
			`cannot join sparse tensors of shapes ${showShape(first)} and ${showShape(stranger.shape)} along axis ${axis}`,
		);
	const indices = new Float64Array(
		parts.reduce((sum, { count }) => sum + count * rank, 0),
	);
	let [at, offset] = [0, 0];
	for (const part of parts) {
		indices.set(part.indices, at);
		const end = at + part.indices.length;
		for (let k = at + axis; k < end; k += rank) indices[k] += offset;
		at = end;
		offset += part.shape[axis];
	}
	const joined: Sparse = {
		indices,
		values: joinRows(parts.map(({ values }) => values)),
		shape: first.with(axis, offset),
		rank,
		count: indices.length / Math.max(rank, 1),
	};
	return chosenValues(joined, rising(placesOf(joined)));
};

/** `SparseSplit`: parts of one size along an axis, the first ones larger by one where it does not divide. */
export const sparseSplit: HostKernel = (
	node,
	[axisTensor, indices, values, shapeTensor],
) => {
	const sparse = sparseOf(indices, values, shapeTensor);
	const { shape, rank } = sparse;
	const axis = normalizeAxis(integersOf(axisTensor)[0], rank);
	const parts = intAttr(node, "num_split");
	const size = shape[axis];
	if (parts < 1 || parts > size)
		throw fail(
			"INVALID",
			`cannot split axis ${axis} of a sparse tensor of shape ${showShape(shape)} into ${parts} parts`,
		);
	const [small, larger] = [Math.floor(size / parts), size % parts];
	const starts = Array.from(
		{ length: parts + 1 },
		(_, part) => part * small + Math.min(part, larger),
	);
	const results = starts.slice(1).map((end, part) =>
		block(
			sparse,
			shape.map((_, i) => (i === axis ? starts[part] : 0)),
			shape.with(axis, end - starts[part]),
		),
	);
	return [0, 1, 2].flatMap((output) => results.map((part) => part[output]));
};

/** `SparseSlice`: what of a block lies in the tensor. */
export const sparseSlice: HostKernel = (
	_,
	[indices, values, shapeTensor, startTensor, sizeTensor],
) => {
	const sparse = sparseOf(indices, values, shapeTensor);
	const [starts, sizes] = [startTensor, sizeTensor].map(integersOf);
	if (starts.length !== sparse.rank || sizes.length !== sparse.rank)
		throw fail(
			"INVALID",
			`cannot slice a sparse tensor of ${sparse.rank} axes by ${starts.length} starts and ${sizes.length} sizes`,
		);
	const shape = sparse.shape.map((size, axis) =>
		Math.max(0, Math.min(sizes[axis], size - starts[axis])),
	);
	return block(sparse, Array.from(starts), shape);
};

/** The values from `starts` on in a block of this shape, as a sparse tensor of its own. */
function block(
	sparse: Sparse,
	starts: readonly number[],
	shape: readonly number[],
): readonly [Tensor, Tensor, Tensor] {
	const { indices, rank, count } = sparse;
	const moved = Float64Array.from(
		indices,
		(index, k) => index - starts[k % rank],
	);
	const rows: number[] = [];
	for (let row = 0; row < count; row++) {
		let axis = 0;
		while (
			axis < rank &&
			moved[row * rank + axis] >= 0 &&
			moved[row * rank + axis] < shape[axis]
		)
			axis++;
		if (axis === rank) rows.push(row);
	}
	return chosenValues({ ...sparse, indices: moved, shape }, rows);
}
