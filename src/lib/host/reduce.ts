import { boolAttr } from "../graph/attrs.js";
import { reducedShape } from "../ops/reduce/reduction.js";
import type { reduceOps } from "../ops/reduce.js";
import { normalizeAxis } from "../ops/shapes.js";
import { type BigArray, DTYPES } from "../tensor/dtype.js";
import { allocate, elementCount } from "../tensor/tensor.js";
import { stridesOf } from "../tensor/transpose.js";
import { numbersOf, rounded } from "./elementwise.js";
import type { HostKernel, HostTable } from "./kernel.js";

/** How the elements of a group become one; without a start the first element is it. */
interface ReduceRule {
	readonly start?: number;
	readonly number: (total: number, element: number) => number;
	readonly bigint: (total: bigint, element: bigint) => bigint;
}

function reduceKernel({ start, number, bigint }: ReduceRule): HostKernel {
	return (node, [x, axesTensor]) => {
		const axes = Array.from(
			axesTensor.data as ArrayLike<number | bigint>,
			Number,
		);
		const shape = reducedShape(
			x.shape,
			axes,
			boolAttr(node, "keep_dims"),
		) as readonly number[];
		const groups = groupOf(x.shape, axes);
		const count = elementCount(shape);
		if (DTYPES[x.dtype].kind !== "bigint")
			return [
				{
					dtype: x.dtype,
					shape,
					data: rounded(
						x.dtype,
						reduced(
							numbersOf(x) as ArrayLike<number>,
							groups,
							count,
							start,
							number,
						),
					),
				},
			];
		const totals = reduced(
			x.data as BigArray,
			groups,
			count,
			start === undefined ? undefined : BigInt(start),
			bigint,
		);
		const data = allocate(x.dtype, count) as BigArray;
		for (const [i, total] of totals.entries()) data[i] = total;
		return [{ dtype: x.dtype, shape, data }];
	};
}

function reduced<T>(
	values: ArrayLike<T>,
	groups: readonly number[],
	count: number,
	start: T | undefined,
	rule: (total: T, element: T) => T,
): T[] {
	const totals = new Array<T | undefined>(count).fill(start);
	for (let i = 0; i < values.length; i++) {
		const total = totals[groups[i]];
		totals[groups[i]] =
			total === undefined ? values[i] : rule(total, values[i]);
	}
	return totals as T[];
}

/** For each element, which element of the result it goes into. */
function groupOf(
	shape: readonly number[],
	axes: readonly number[],
): readonly number[] {
	const isReduced = new Set(
		axes.map((axis) => normalizeAxis(axis, shape.length)),
	);
	const target = stridesOf(
		shape.map((size, axis) => (isReduced.has(axis) ? 1 : size)),
	).map((stride, axis) => (isReduced.has(axis) ? 0 : stride));
	const source = stridesOf(shape);
	return Array.from({ length: elementCount(shape) }, (_, i) =>
		shape.reduce(
			(group, size, axis) =>
				group + (Math.floor(i / source[axis]) % size) * target[axis],
			0,
		),
	);
}

export const reduceKernels: HostTable<typeof reduceOps> = {
	Sum: reduceKernel({
		start: 0,
		number: (total, element) => total + element,
		bigint: (total, element) => total + element,
	}),
	Prod: reduceKernel({
		start: 1,
		number: (total, element) => total * element,
		bigint: (total, element) => total * element,
	}),
	Max: reduceKernel({
		number: Math.max,
		bigint: (total, element) => {
			if (element > total) return element;
			return total;
		},
	}),
	Min: reduceKernel({
		number: Math.min,
		bigint: (total, element) => {
			if (element < total) return element;
			return total;
		},
	}),
};
