import type { Shape } from "../../../../tensor/tensor.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";

/** Matrices [..., rows, columns], and what is known of their shape. */
export interface Matrices {
	readonly value: OnnxValue;
	readonly shape: Shape;
}

/**
 * The product of matrices that broadcast. ONNX Runtime stretches no axis of size 1 to size 0 (matmul_helper.h), so where
 * one batch may be empty and the other is not stated, the other is given its shape.
 */
export function batchedProduct(
	context: LowerContext,
	a: Matrices,
	b: Matrices,
): OnnxValue {
	const { emit } = context;
	const [left, right] = [batchOf(a), batchOf(b)];
	if (left === undefined || right === undefined)
		return emit("MatMul", [a.value, b.value]);
	if (right.length === 0 && mayBeEmpty(left))
		return productOfRows(context, a, b);
	return emit("MatMul", [
		stretched(context, a.value, left, b.value, right),
		stretched(context, b.value, right, a.value, left),
	]);
}

const INT64 = { dtype: "int64" } as const;

/** One matrix for all of a batch: the rows of the batch are one matrix too. */
function productOfRows(
	{ emit, ints }: LowerContext,
	a: Matrices,
	b: Matrices,
): OnnxValue {
	const inner = b.shape?.[0] ?? -1;
	if (inner === 0 || (a.shape?.length ?? 0) < 3)
		return emit("MatMul", [a.value, b.value]);
	const columns =
		inner > 0
			? ints([-1, inner])
			: emit(
					"Concat",
					[ints([-1]), emit("Shape", [b.value], { end: 1 }, INT64)],
					{ axis: 0 },
				);
	const rows = emit("Reshape", [a.value, columns]);
	const product = emit("MatMul", [rows, b.value]);
	const sizes = emit(
		"Concat",
		[
			emit("Shape", [a.value], { end: -1 }, INT64),
			emit("Shape", [b.value], { start: 1 }, INT64),
		],
		{ axis: 0 },
	);
	return emit("Reshape", [product, sizes], { allowzero: 1 });
}

/** Matrices, repeated along the axes in which there is one, and of the others maybe none. */
function stretched(
	{ emit, ints }: LowerContext,
	value: OnnxValue,
	own: readonly number[],
	other: OnnxValue,
	others: readonly number[],
): OnnxValue {
	const missing = others.length - own.length;
	const sizes = others.map((size, axis) =>
		size <= 0 && (axis < missing || own[axis - missing] === 1)
			? emit("Shape", [other], { start: axis, end: axis + 1 }, INT64)
			: undefined,
	);
	if (sizes.every((size) => size === undefined)) return value;
	const shape = [...sizes.map((size) => size ?? ints([1])), ints([1, 1])];
	return emit("Expand", [value, emit("Concat", shape, { axis: 0 })]);
}

function batchOf({ shape }: Matrices): readonly number[] | undefined {
	return shape?.slice(0, -2);
}

function mayBeEmpty(sizes: readonly number[]): boolean {
	return sizes.some((size) => size <= 0);
}
