import { DTYPES, type DType } from "../tensor/dtype.js";
import {
	allocate,
	elementCount,
	type Tensor,
	type TensorData,
} from "../tensor/tensor.js";

/** A box of a tensor: per dimension where it starts and how long it is. */
export type Region = readonly Extent[];

export interface Extent {
	readonly start: number;
	readonly length: number;
}

export function wholeRegion(shape: readonly number[]): Region {
	return shape.map((length) => ({ start: 0, length }));
}

export function regionShape(region: Region): number[] {
	return region.map(({ length }) => length);
}

export function isSameRegion(a: Region, b: Region): boolean {
	return a.every(
		({ start, length }, i) => start === b[i].start && length === b[i].length,
	);
}

/** What two boxes share; undefined if nothing. */
export function intersection(a: Region, b: Region): Region | undefined {
	const shared = a.map((extent, i) => {
		const start = Math.max(extent.start, b[i].start);
		const end = Math.min(
			extent.start + extent.length,
			b[i].start + b[i].length,
		);
		return { start, length: end - start };
	});
	return shared.every(({ length }) => length > 0) ? shared : undefined;
}

/** A tensor and the box of a larger one that it is. */
export interface Piece {
	readonly region: Region;
	readonly tensor: Tensor;
}

/** Puts together what the pieces have of a region; they must cover it. */
export function assemble(
	dtype: DType,
	region: Region,
	pieces: Iterable<Piece>,
): Tensor {
	const shape = regionShape(region);
	const data = allocate(dtype, elementCount(shape));
	for (const piece of pieces) {
		const shared = intersection(region, piece.region);
		if (shared !== undefined)
			copyRegion(
				shared,
				{ region: piece.region, data: piece.tensor.data },
				{ region, data },
				DTYPES[dtype].lanes,
			);
	}
	return { dtype, shape, data };
}

interface Box<Data> {
	readonly region: Region;
	readonly data: Data;
}

/** Copies row by row of the last dimension. */
function copyRegion(
	shared: Region,
	from: Box<TensorData>,
	to: Box<ReturnType<typeof allocate>>,
	lanes: number,
): void {
	const row = (shared.at(-1)?.length ?? 1) * lanes;
	const rows = elementCount(regionShape(shared.slice(0, -1)));
	const index = shared.map(({ start }) => start);
	// Both have the storage of one element type, which the type system cannot know.
	const source = from.data as ArrayLike<unknown>;
	const target = to.data as unknown[];
	for (let done = 0; done < rows; done++) {
		const read = offsetIn(from.region, index) * lanes;
		const write = offsetIn(to.region, index) * lanes;
		for (let i = 0; i < row; i++) target[write + i] = source[read + i];
		nextRow(index, shared);
	}
}

function offsetIn(region: Region, index: readonly number[]): number {
	return region.reduce(
		(offset, { start, length }, i) => offset * length + index[i] - start,
		0,
	);
}

/** Counts up all dimensions but the last, like an odometer. */
function nextRow(index: number[], box: Region): void {
	for (let axis = box.length - 2; axis >= 0; axis--) {
		index[axis]++;
		if (index[axis] < box[axis].start + box[axis].length) return;
		index[axis] = box[axis].start;
	}
}
