import { boolAttr } from "../graph/attrs.js";
import { reducedShape } from "../ops/reduce/reduction.js";
import type { reduceOps } from "../ops/reduce.js";
import {
	DTYPES,
	type DType,
	type NumericArray,
	type TypedArray,
} from "../tensor/dtype.js";
import { limitTensor } from "../tensor/limits.js";
import { allocate, elementCount, type Tensor } from "../tensor/tensor.js";
import { eachRow } from "./broadcast.js";
import { type BinaryRule, isReal, numbersOf, rounded } from "./elementwise.js";
import type { HostKernel, HostTable } from "./kernel.js";
import { maximum, minimum } from "./math/extreme.js";
import { segmentKernels } from "./reduce/segment.js";
import { uniqueKernels } from "./reduce/unique.js";

/** How elements become one, from `start` on. */
interface ReduceRule extends Required<Omit<BinaryRule, "narrow">> {
	readonly start: number;
}

/** `finish` turns the total of so many elements into the result. */
function reduceKernel(
	rule: ReduceRule,
	finish?: (total: number, count: number) => number,
): HostKernel {
	return (node, [x, axesTensor]) => {
		const { kind } = DTYPES[x.dtype];
		const isFloat = kind === "float" || kind === "half";
		if (!isReal(x.dtype) || (finish !== undefined && !isFloat))
			return undefined;
		const axes = Array.from(
			axesTensor.data as ArrayLike<number | bigint>,
			Number,
		);
		const shapeOf = (keepDims: boolean) =>
			reducedShape(x.shape, axes, keepDims) as readonly number[];
		const totals = totalsOf(x, shapeOf(true), rule);
		const shape = shapeOf(boolAttr(node, "keep_dims"));
		if (!(totals instanceof Float64Array))
			return [{ dtype: x.dtype, shape, data: totals }];
		const count = elementCount(x.shape) / totals.length;
		const results =
			finish === undefined
				? totals
				: totals.map((total) => finish(total, count));
		return [{ dtype: x.dtype, shape, data: rounded(x.dtype, results) }];
	};
}

/** Totals of floats are kept in double precision, those of integers in their own type, where they wrap. */
function totalsOf(
	x: Tensor,
	shape: readonly number[],
	rule: ReduceRule,
): TypedArray {
	const values = numbersOf(x);
	const isFloat =
		values instanceof Float32Array || values instanceof Float64Array;
	const totals = isFloat
		? new Float64Array(elementCount(shape))
		: (allocate(x.dtype, elementCount(shape)) as TypedArray);
	fill(totals, isFloat ? rule.start : integerStart(x.dtype, rule.start));
	const isBig = DTYPES[x.dtype].kind === "bigint";
	const combine = (
		isFloat ? rule.float : isBig ? rule.bigint : rule.int
	) as ReduceRule["float"];
	const [from, to] = [values as NumericArray, totals as NumericArray];
	eachRow(x.shape, [shape], (at, length, [place], [step]) => {
		for (let k = 0; k < length; k++)
			to[place + k * step] = combine(to[place + k * step], from[at + k]);
	});
	return totals;
}

function fill(data: TypedArray, value: number | bigint): void {
	(data as NumericArray).fill(value as number);
}

/** Infinity stands for the end of the integers. */
function integerStart(dtype: DType, start: number): number | bigint {
	if (Number.isFinite(start))
		return DTYPES[dtype].kind === "bigint" ? BigInt(start) : start;
	const limit = limitTensor(dtype, start < 0 ? "lowest" : "highest");
	return (limit.data as TypedArray)[0];
}

const sum: ReduceRule = {
	start: 0,
	float: (total, element) => total + element,
	int: (total, element) => total + element,
	bigint: (total, element) => total + element,
};

export const reduceKernels: HostTable<typeof reduceOps> = {
	Sum: reduceKernel(sum),
	Mean: reduceKernel(sum, (total, count) => total / count),
	Prod: reduceKernel({
		start: 1,
		float: (total, element) => total * element,
		int: Math.imul,
		bigint: (total, element) => total * element,
	}),
	Max: reduceKernel({ start: -Infinity, ...maximum }),
	Min: reduceKernel({ start: Infinity, ...minimum }),
	All: reduceKernel({ start: 1, ...minimum }),
	Any: reduceKernel({ start: 0, ...maximum }),
	...segmentKernels,
	...uniqueKernels,
};
