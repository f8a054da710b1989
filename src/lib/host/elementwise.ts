import { broadcast } from "../ops/shapes.js";
import {
	DTYPES,
	type DType,
	type NumericArray,
	type TypedArray,
} from "../tensor/dtype.js";
import {
	fromBfloat16,
	fromFloat16,
	toBfloat16,
	toFloat16,
} from "../tensor/half.js";
import { allocate, elementCount, type Tensor } from "../tensor/tensor.js";
import { eachRow } from "./broadcast.js";
import type { HostKernel } from "./kernel.js";
import { narrowed, wordsOf, writeNarrow } from "./narrow.js";

/** How an op computes one element, by the kind of its element type; none for a kind that the op does not take. */
export interface UnaryRule {
	readonly float?: (a: number) => number;
	/** Integers of up to 32 bits; results wrap. */
	readonly int?: (a: number) => number;
	/** Integers of 64 bits; results wrap. */
	readonly bigint?: (a: bigint) => bigint;
}

/** Fills `length` results from `at` on; operands start at `i` and `j` and move by `stepA` and `stepB`. */
export type SingleRow = (
	results: Float32Array,
	at: number,
	length: number,
	a: Float32Array,
	i: number,
	stepA: number,
	b: Float32Array,
	j: number,
	stepB: number,
) => void;

export interface BinaryRule {
	readonly float?: (a: number, b: number) => number;
	readonly int?: (a: number, b: number) => number;
	readonly bigint?: (a: bigint, b: bigint) => bigint;
	/** The same of integers that fit into 32 bits, where its result is less than 2^53: for speed. */
	readonly narrow?: (a: number, b: number) => number;
}

/** A kernel of one input, whose result has its element type. Half types are computed in single precision. */
export function unaryKernel(rule: UnaryRule): HostKernel {
	return (_, [x]) => {
		const compute = ruleFor(rule, x.dtype);
		return compute === undefined ? undefined : [unary(x, x.dtype, compute)];
	};
}

/** A kernel of two inputs that broadcast, whose result has their element type; `singles` is the rule for rows of float32, for speed. */
export function binaryKernel(
	rule: BinaryRule,
	singles?: SingleRow,
): HostKernel {
	return (_, [x, y]) => {
		const compute = ruleFor(rule, x.dtype);
		if (compute === undefined) return undefined;
		return singles !== undefined && x.dtype === "float32"
			? [singleBinary(x, y, singles)]
			: [
					(rule.narrow && narrowBinary(x, y, x.dtype, rule.narrow)) ??
						binary(x, y, x.dtype, compute),
				];
	};
}

/** A kernel that asks something of each element. */
export function predicateKernel(test: (a: number) => boolean): HostKernel {
	return (_, [x]) =>
		isReal(x.dtype)
			? [unary(x, "bool", (a: number) => Number(test(Number(a))))]
			: undefined;
}

/** A kernel that compares numbers of any size; the result is bool. */
export function comparisonKernel(
	compare: (a: number | bigint, b: number | bigint) => boolean,
): HostKernel {
	const asNumber = (a: number, b: number) => Number(compare(a, b));
	return (_, [x, y]) =>
		isReal(x.dtype)
			? [narrowBinary(x, y, "bool", asNumber) ?? binary(x, y, "bool", asNumber)]
			: undefined;
}

/** The elements as numbers, or bigints for types of 64 bits; halves are decoded. */
export function numbersOf({ dtype, data }: Tensor): TypedArray {
	if (dtype === "float16") return fromFloat16(data as Uint16Array);
	if (dtype === "bfloat16") return fromBfloat16(data as Uint16Array);
	return data as TypedArray;
}

/** Numbers as storage of a type: rounded for floats and halves, wrapped for integers of up to 32 bits. */
export function rounded(dtype: DType, values: ArrayLike<number>): TypedArray {
	if (dtype === "float16") return toFloat16(values);
	if (dtype === "bfloat16") return toBfloat16(values);
	const { lanes } = DTYPES[dtype];
	const data = allocate(dtype, values.length / lanes) as TypedArray;
	if (DTYPES[dtype].kind === "bigint")
		for (let i = 0; i < values.length; i++) data[i] = BigInt(values[i]);
	else (data as NumericArray).set(values);
	return data;
}

type Unary = ((a: number) => number) | ((a: bigint) => bigint);
type Binary =
	| ((a: number, b: number) => number)
	| ((a: bigint, b: bigint) => bigint);

function ruleFor<Rule extends UnaryRule | BinaryRule>(
	rule: Rule,
	dtype: DType,
): Rule["float"] | Rule["int"] | Rule["bigint"] {
	const { kind } = DTYPES[dtype];
	if (kind === "float" || kind === "half") return rule.float;
	if (kind === "int" || kind === "bool") return rule.int;
	return kind === "bigint" ? rule.bigint : undefined;
}

/** Whether an element is one number. */
export function isReal(dtype: DType): boolean {
	return ["float", "half", "int", "bigint", "bool"].includes(
		DTYPES[dtype].kind,
	);
}

/** Storage to compute into, and what becomes of it: halves are rounded at the end. */
function target(dtype: DType, count: number) {
	const worked = DTYPES[dtype].kind === "half" ? "float32" : dtype;
	const results = allocate(worked, count) as NumericArray;
	return {
		results,
		finished: (): TypedArray =>
			worked === dtype ? results : rounded(dtype, results),
	};
}

function unary(x: Tensor, dtype: DType, compute: Unary): Tensor {
	const values = numbersOf(x) as NumericArray;
	const { results, finished } = target(dtype, values.length);
	const rule = compute as (a: number) => number;
	for (let i = 0; i < values.length; i++) results[i] = rule(values[i]);
	return { dtype, shape: x.shape, data: finished() };
}

function singleBinary(x: Tensor, y: Tensor, compute: SingleRow): Tensor {
	const shape = broadcast(x.shape, y.shape) as readonly number[];
	const [a, b] = [x.data as Float32Array, y.data as Float32Array];
	const data = new Float32Array(elementCount(shape));
	eachRow(shape, [x.shape, y.shape], (at, length, [i, j], [stepA, stepB]) =>
		compute(data, at, length, a, i, stepA, b, j, stepB),
	);
	return { dtype: "float32", shape, data };
}

function binary(x: Tensor, y: Tensor, dtype: DType, compute: Binary): Tensor {
	const shape = broadcast(x.shape, y.shape) as readonly number[];
	const [a, b] = [numbersOf(x) as NumericArray, numbersOf(y) as NumericArray];
	const { results, finished } = target(dtype, elementCount(shape));
	const rule = compute as (a: number, b: number) => number;
	eachRow(shape, [x.shape, y.shape], (at, length, starts, steps) => {
		let [i, j] = starts;
		const [stepA, stepB] = steps;
		for (let k = at; k < at + length; k++) {
			results[k] = rule(a[i], b[j]);
			i += stepA;
			j += stepB;
		}
	});
	return { dtype, shape, data: finished() };
}

/** `undefined` if these are no integers of 64 bits that fit into 32. */
function narrowBinary(
	x: Tensor,
	y: Tensor,
	dtype: DType,
	compute: (a: number, b: number) => number,
): Tensor | undefined {
	const [a, b] = [narrowed(x.data)?.words, narrowed(y.data)?.words];
	if (a === undefined || b === undefined) return undefined;
	const shape = broadcast(x.shape, y.shape) as readonly number[];
	const results = allocate(dtype, elementCount(shape)) as NumericArray;
	const isWide = DTYPES[dtype].kind === "bigint";
	const words = isWide ? wordsOf(results) : undefined;
	eachRow(shape, [x.shape, y.shape], (at, length, starts, steps) => {
		let [i, j] = [2 * starts[0], 2 * starts[1]];
		const [stepA, stepB] = [2 * steps[0], 2 * steps[1]];
		for (let k = at; k < at + length; k++) {
			const result = compute(a[i], b[j]);
			if (words === undefined) results[k] = result;
			else writeNarrow(words, k, result);
			i += stepA;
			j += stepB;
		}
	});
	return { dtype, shape, data: results };
}

/** Elements of `a` where the condition holds and of `b` elsewhere, of any element type. */
export function chosen(condition: Tensor, a: Tensor, b: Tensor): Tensor {
	const shape = [condition, a, b]
		.map((operand): readonly number[] => operand.shape)
		.reduce((x, y) => broadcast(x, y) as readonly number[]);
	const data = allocate(a.dtype, elementCount(shape));
	// bigints are moved as pairs of words: none has to be made
	const isWide = DTYPES[a.dtype].kind === "bigint";
	const lanes = isWide ? 2 : DTYPES[a.dtype].lanes;
	const [results, from, other] = [data, a.data, b.data].map((elements) =>
		isWide ? wordsOf(elements as TypedArray) : (elements as NumericArray),
	);
	const tests = condition.data as Uint8Array;
	const shapes = [condition.shape, a.shape, b.shape];
	eachRow(shape, shapes, (at, length, starts, steps) => {
		for (let k = 0; k < length; k++) {
			const holds = tests[starts[0] + k * steps[0]] !== 0;
			const source = holds ? from : other;
			const place = holds ? starts[1] + k * steps[1] : starts[2] + k * steps[2];
			for (let lane = 0; lane < lanes; lane++)
				results[(at + k) * lanes + lane] = source[place * lanes + lane];
		}
	});
	return { dtype: a.dtype, shape, data };
}
