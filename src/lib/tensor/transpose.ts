import type { Reserve } from "./constant.js";
import { DTYPES } from "./dtype.js";
import {
	allocate,
	elementCount,
	type Tensor,
	type TensorData,
} from "./tensor.js";

/** Axis `i` of the result is axis `order[i]` of the tensor. Any rank and element type. */
export function transpose(
	source: Tensor,
	order: readonly number[],
	reserve?: Reserve,
): Tensor {
	const shape = order.map((axis) => source.shape[axis]);
	const axes = walkedAxes(source.shape, order);
	if (axes.every(({ stride }, i) => i === 0 || stride < axes[i - 1].stride))
		return { ...source, shape };
	const target = allocate(
		source.dtype,
		elementCount(shape),
		reserve,
	) as TensorData;
	if (target.length > 0) copyPermuted(source, target, axes);
	return { dtype: source.dtype, shape, data: target };
}

/** Row-major strides, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
	const strides = new Array<number>(shape.length);
	let stride = 1;
	for (let axis = shape.length - 1; axis >= 0; axis--) {
		strides[axis] = stride;
		stride *= shape[axis];
	}
	return strides;
}

/** An axis of the result: how large it is, and how far apart its elements are in the source. */
interface Axis {
	readonly size: number;
	readonly stride: number;
}

/** The axes of the result, without those of size 1, and those that stay neighbours joined into one. */
function walkedAxes(
	shape: readonly number[],
	order: readonly number[],
): Axis[] {
	const strides = stridesOf(shape);
	const axes: Axis[] = [];
	for (const axis of order) {
		const [size, stride] = [shape[axis], strides[axis]];
		if (size === 1) continue;
		const before = axes.at(-1);
		if (before?.stride === size * stride)
			axes[axes.length - 1] = { size: before.size * size, stride };
		else axes.push({ size, stride });
	}
	return axes;
}

/** Bits are copied in words of up to 32, so that one loop serves all numeric types and NaNs keep their bits. */
function copyPermuted(
	{ data, dtype }: Tensor,
	target: TensorData,
	axes: readonly Axis[],
): void {
	const { bytes } = DTYPES[dtype];
	if (bytes > 4) {
		const word = { size: bytes / 4, stride: 1 };
		const wide = axes.map(({ size, stride }) => ({
			size,
			stride: stride * word.size,
		}));
		copyTiles(wordsOf(data), wordsOf(target), [...wide, word]);
	} else
		copyTiles(
			bytes === 4 ? wordsOf(data) : data,
			bytes === 4 ? wordsOf(target) : target,
			axes,
		);
}

function wordsOf(data: TensorData): Uint32Array {
	const { buffer, byteOffset, byteLength } = data as Uint8Array;
	return new Uint32Array(buffer, byteOffset, byteLength / 4);
}

interface Indexed {
	[index: number]: unknown;
}

/** So many elements along each of two axes stay in the cache while they are copied. */
const TILE = 32;

/** Two axes of the result: rows lie closest together in the source, columns in the target. */
interface Plane {
	readonly columns: number;
	readonly rowStride: number;
	readonly columnStride: number;
	readonly rowStep: number;
}

/** A few rows at a time, through all other axes: neither side then strides through memory alone. */
function copyTiles(
	source: Indexed,
	target: Indexed,
	axes: readonly Axis[],
): void {
	const steps = stridesOf(axes.map(({ size }) => size));
	const last = axes.length - 1;
	const fast = axes.reduce(
		(best, { stride }, i) => (stride < axes[best].stride ? i : best),
		0,
	);
	const rows = fast === last ? 1 : axes[fast].size;
	const plane: Plane = {
		columns: axes[last].size,
		rowStride: axes[fast].stride,
		columnStride: axes[last].stride,
		rowStep: steps[fast],
	};
	const outer = [...axes.keys()].filter((i) => i !== fast && i !== last);
	for (let row = 0; row < rows; row += TILE) {
		const count = Math.min(TILE, rows - row);
		const [skipped, passed] = [row * plane.rowStride, row * plane.rowStep];
		forEachPlace(axes, steps, outer, (from, to) =>
			copyRows(source, from + skipped, target, to + passed, count, plane),
		);
	}
}

function copyRows(
	source: Indexed,
	from: number,
	target: Indexed,
	to: number,
	rows: number,
	{ columns, rowStride, columnStride, rowStep }: Plane,
): void {
	for (let column = 0; column < columns; column += TILE) {
		const end = Math.min(column + TILE, columns);
		for (let r = 0; r < rows; r++)
			for (let c = column; c < end; c++)
				target[to + r * rowStep + c] =
					source[from + r * rowStride + c * columnStride];
	}
}

/** Calls `visit` with the offsets in source and target of every place along the `outer` axes. */
function forEachPlace(
	axes: readonly Axis[],
	steps: readonly number[],
	outer: readonly number[],
	visit: (from: number, to: number) => void,
): void {
	const counter = outer.map(() => 0);
	let [from, to] = [0, 0];
	for (;;) {
		visit(from, to);
		let place = outer.length - 1;
		for (; place >= 0; place--) {
			const axis = outer[place];
			from += axes[axis].stride;
			to += steps[axis];
			if (++counter[place] < axes[axis].size) break;
			from -= axes[axis].stride * axes[axis].size;
			to -= steps[axis] * axes[axis].size;
			counter[place] = 0;
		}
		if (place < 0) return;
	}
}
