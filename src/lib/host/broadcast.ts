import { stridesOf } from "../tensor/transpose.js";

/**
 * What is done along the last axes that are one row in all operands: `length` results from position `at` on, of operands that start at `starts` and move
 * by `steps` (0 where the operand is stretched, 1 where it is not).
 */
export type RowVisitor = (
	at: number,
	length: number,
	starts: readonly number[],
	steps: readonly number[],
) => void;

/** Goes through the rows of `shape` in order, with operands of other shapes broadcast to it. */
export function eachRow(
	shape: readonly number[],
	operands: readonly (readonly number[])[],
	visit: RowVisitor,
): void {
	if (shape.length === 0) {
		const zeros = operands.map(() => 0);
		visit(0, 1, zeros, zeros);
		return;
	}
	const rank = shape.length;
	const sizes = [...shape];
	if (sizes.includes(0)) return;
	const strides = operands.map((operand) => stretchedStrides(operand, rank));
	const steps = strides.map((list) => list[rank - 1]);
	const starts = operands.map(() => 0);
	while (sizes.length > 1 && areOneRow(sizes, strides, steps)) {
		const last = sizes.pop() as number;
		sizes[sizes.length - 1] *= last;
	}
	const index = new Array<number>(sizes.length - 1).fill(0);
	const length = sizes[sizes.length - 1];
	for (let at = 0; ; at += length) {
		visit(at, length, starts, steps);
		if (!advance(index, sizes, starts, strides)) return;
	}
}

/** For each place of `shape`, of `size` elements, that of a tensor which is broadcast to it. */
export function stretched(
	operand: readonly number[],
	shape: readonly number[],
	size: number,
): Int32Array {
	const places = new Int32Array(size);
	eachRow(shape, [operand], (at, length, [start], [step]) => {
		for (let k = 0; k < length; k++) places[at + k] = start + k * step;
	});
	return places;
}

/** Whether the last axis and the one before are one row in all operands. */
function areOneRow(
	sizes: readonly number[],
	strides: readonly (readonly number[])[],
	steps: readonly number[],
): boolean {
	const last = sizes.length - 1;
	return strides.every((list, i) => list[last - 1] === steps[i] * sizes[last]);
}

/** Row-major strides of a shape as one of more axes: 0 where it has none, or one of size 1. */
function stretchedStrides(shape: readonly number[], rank: number): number[] {
	const strides = stridesOf(shape).map((stride, axis) =>
		shape[axis] === 1 ? 0 : stride,
	);
	return [...new Array<number>(rank - shape.length).fill(0), ...strides];
}

/** Moves on to the next row; false behind the last. */
function advance(
	index: number[],
	sizes: readonly number[],
	starts: number[],
	strides: readonly (readonly number[])[],
): boolean {
	for (let axis = index.length - 1; axis >= 0; axis--) {
		index[axis]++;
		for (let i = 0; i < starts.length; i++) starts[i] += strides[i][axis];
		if (index[axis] < sizes[axis]) return true;
		for (let i = 0; i < starts.length; i++)
			starts[i] -= strides[i][axis] * sizes[axis];
		index[axis] = 0;
	}
	return false;
}
