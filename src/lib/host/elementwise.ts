import type { Node } from "../graph/ir.js";
import { broadcast } from "../ops/shapes.js";
import {
	type BigArray,
	DTYPES,
	type DType,
	type TypedArray,
} from "../tensor/dtype.js";
import {
	fromBfloat16,
	fromFloat16,
	toBfloat16,
	toFloat16,
} from "../tensor/half.js";
import { allocate, elementCount, type Tensor } from "../tensor/tensor.js";
import { stridesOf } from "../tensor/transpose.js";
import type { HostKernel } from "./kernel.js";

/** How an op computes one element: on numbers, and exactly on 64-bit integers where it has a meaning there. */
export interface ElementRule {
	readonly number: (...operands: number[]) => number;
	readonly bigint?: (...operands: bigint[]) => bigint;
}

/** A kernel that broadcasts its inputs, in the element type of input 0. Results are rounded or wrapped to that type. */
export function elementwiseKernel(rule: ElementRule): HostKernel {
	return (_: Node, inputs) => [mapped(inputs, inputs[0].dtype, rule)];
}

/** A kernel that compares; the result is bool. */
export function comparisonKernel(
	compare: (a: number | bigint, b: number | bigint) => boolean,
): HostKernel {
	const rule: ElementRule = {
		number: (a, b) => Number(compare(a, b)),
		bigint: (a, b) => BigInt(compare(a, b)),
	};
	return (_, inputs) => [mapped(inputs, "bool", rule)];
}

/** Applies a rule to tensors broadcast together. Half types are computed in single precision. */
export function mapped(
	inputs: readonly Tensor[],
	dtype: DType,
	rule: ElementRule,
): Tensor {
	const shape = inputs
		.map((input) => input.shape)
		.reduce((a, b) => broadcast(a, b) as readonly number[]);
	const count = elementCount(shape);
	const { kind } = DTYPES[inputs[0].dtype];
	const positions = inputs.map((input) =>
		broadcastPositions(input.shape, shape),
	);
	const arrays = inputs.map(numbersOf);
	if (kind === "bigint" && rule.bigint !== undefined)
		return {
			dtype,
			shape,
			data: computed(
				arrays as BigArray[],
				positions,
				count,
				rule.bigint,
				(results) => wrapped(dtype, results),
			),
		};
	return {
		dtype,
		shape,
		data: computed(
			arrays as ArrayLike<number>[],
			positions,
			count,
			rule.number,
			(results) => rounded(dtype, results),
		),
	};
}

/** The elements as numbers (or bigints), halves decoded. */
export function numbersOf({ dtype, data }: Tensor): ArrayLike<number | bigint> {
	if (dtype === "float16") return fromFloat16(data as Uint16Array);
	if (dtype === "bfloat16") return fromBfloat16(data as Uint16Array);
	return data as TypedArray;
}

/** Numbers as storage of a type: rounded for floats and halves, wrapped for integers. */
export function rounded(dtype: DType, values: readonly number[]): TypedArray {
	if (dtype === "float16") return toFloat16(values);
	if (dtype === "bfloat16") return toBfloat16(values);
	const data = allocate(dtype, values.length) as TypedArray;
	if (DTYPES[dtype].kind === "bigint")
		for (const [i, value] of values.entries())
			data[i] = BigInt(Math.trunc(value));
	else (data as Float64Array).set(values);
	return data;
}

function wrapped(dtype: DType, values: readonly bigint[]): TypedArray {
	const data = allocate(dtype, values.length) as TypedArray;
	const isBig = DTYPES[dtype].kind === "bigint";
	for (const [i, value] of values.entries())
		data[i] = isBig ? value : Number(value);
	return data;
}

function computed<T extends number | bigint>(
	arrays: readonly ArrayLike<T>[],
	positions: readonly (readonly number[] | undefined)[],
	count: number,
	rule: (...operands: T[]) => T,
	store: (results: readonly T[]) => TypedArray,
): TypedArray {
	const results = new Array<T>(count);
	for (let i = 0; i < count; i++)
		results[i] = rule(
			...arrays.map((array, k) => array[positions[k]?.[i] ?? i]),
		);
	return store(results);
}

/** For each element of `shape`, where it is found in a tensor of shape `from`; `undefined` if in the same place. */
function broadcastPositions(
	from: readonly number[],
	shape: readonly number[],
): readonly number[] | undefined {
	if (
		from.length === shape.length &&
		from.every((size, i) => size === shape[i])
	)
		return undefined;
	const offset = shape.length - from.length;
	const strides = stridesOf(from).map((stride, i) =>
		from[i] === 1 ? 0 : stride,
	);
	const positions = new Array<number>(elementCount(shape));
	const outer = stridesOf(shape);
	for (let i = 0; i < positions.length; i++) {
		let position = 0;
		for (let axis = 0; axis < strides.length; axis++)
			position +=
				(Math.floor(i / outer[axis + offset]) % shape[axis + offset]) *
				strides[axis];
		positions[i] = position;
	}
	return positions;
}
