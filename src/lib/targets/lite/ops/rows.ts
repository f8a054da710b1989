import { TensorType } from "../../../../gen/tflite.js";
import type { LiteOp } from "../../../lite/schema.js";
import { broadcast, isStatic } from "../../../ops/shapes.js";
import type {
	AnyOptions,
	LiteContext,
	LiteLowering,
	LiteValue,
} from "../lowering.js";

/** Takes its input for its output. */
export const passed: LiteLowering = ({ node, input }) =>
	node.outputs.map((_, i) => input(i));

/** All inputs, and the outputs that the node has. */
export function same(op: LiteOp, options?: AnyOptions): LiteLowering {
	return ({ node, outputs, input, emitMany }) =>
		emitMany(
			op,
			node.inputs.map((_, i) => input(i)),
			outputs,
			options,
		);
}

/** One operator on values of a shape, in the type of the first. */
export function unary(
	{ emit }: LiteContext,
	op: LiteOp,
	value: LiteValue,
	options?: AnyOptions,
): LiteValue {
	return emit(op, [value], value, options);
}

/** Two values of one type, broadcast. */
export function binary(
	context: LiteContext,
	op: LiteOp,
	x: LiteValue,
	y: LiteValue,
	dtype = x.dtype,
): LiteValue {
	const shape = broadcast(x.shape, y.shape);
	const [a, b] = needsWhole(op, x, y, shape?.length ?? 0)
		? [whole(context, x, y, shape), whole(context, y, x, shape)]
		: [x, y];
	return context.emit(op, [a, b], { dtype, shape }, BINARY_OPTIONS[op]);
}

/** Kernels that repeat what they read know four axes. */
const REPEATED_AXES = 4;

/** Kernels that take operands of the same shape only. */
const ALIKE: ReadonlySet<LiteOp> = new Set(["ATAN2"]);

function needsWhole(
	op: LiteOp,
	x: LiteValue,
	y: LiteValue,
	rank: number,
): boolean {
	const limit = ALIKE.has(op) ? 0 : REPEATED_AXES;
	return rank > limit && String(x.shape) !== String(y.shape);
}

/** A value in the shape that it has with another one. */
function whole(
	context: LiteContext,
	value: LiteValue,
	other: LiteValue,
	shape: LiteValue["shape"],
): LiteValue {
	const { emit, ints } = context;
	const rank = shape?.length;
	if (isStatic(shape) && String(shape) === String(value.shape)) return value;
	const sizes = isStatic(shape)
		? ints(shape)
		: emit(
				"BROADCAST_ARGS",
				[shapeOf(context, value), shapeOf(context, other)],
				{ dtype: "int32", shape: [rank ?? -1] },
			);
	return emit("BROADCAST_TO", [value, sizes], { dtype: value.dtype, shape });
}

/** Options that an operator must have for its version 1 to be read at all. */
const BINARY_OPTIONS: { readonly [Op in LiteOp]?: AnyOptions } = {
	ADD: ["AddOptions", {}],
	SUB: ["SubOptions", {}],
	MUL: ["MulOptions", {}],
	DIV: ["DivOptions", {}],
};

/** In a shape; at most one size is -1. */
export function reshaped(
	{ emit, ints }: LiteContext,
	value: LiteValue,
	shape: readonly number[],
): LiteValue {
	return emit("RESHAPE", [value, ints(shape)], { dtype: value.dtype, shape }, [
		"ReshapeOptions",
		{ newShape: shape },
	]);
}

/** Axis `i` of the result is axis `order[i]`. */
export function transposed(
	{ emit, ints }: LiteContext,
	value: LiteValue,
	order: readonly number[],
): LiteValue {
	if (order.every((axis, i) => axis === i)) return value;
	return emit("TRANSPOSE", [value, ints(order)], {
		dtype: value.dtype,
		shape: value.shape && order.map((axis) => value.shape?.[axis] ?? -1),
	});
}

/** The sizes of a value, as int32. */
export function shapeOf({ emit }: LiteContext, value: LiteValue): LiteValue {
	return emit(
		"SHAPE",
		[value],
		{ dtype: "int32", shape: value.shape && [value.shape.length] },
		["ShapeOptions", { outType: TensorType.INT32 }],
	);
}

/** From `begin` on, `size` elements along each axis, -1 for all that are left. */
export function sliced(
	{ emit, ints }: LiteContext,
	value: LiteValue,
	begin: readonly number[],
	size: readonly number[],
): LiteValue {
	return emit("SLICE", [value, ints(begin), ints(size)], {
		dtype: value.dtype,
		shape: size.map((wanted, axis) => {
			if (wanted >= 0) return wanted;
			const whole = value.shape?.[axis] ?? -1;
			return whole < 0 ? -1 : whole - begin[axis];
		}),
	});
}

/** One behind the other along an axis. */
export function joined(
	{ emit }: LiteContext,
	values: readonly LiteValue[],
	axis: number,
): LiteValue {
	const [{ dtype, shape }] = values;
	return emit(
		"CONCATENATION",
		values,
		{
			dtype,
			shape: shape?.map((size, i) =>
				i === axis
					? total(values.map((value) => value.shape?.[i] ?? -1))
					: size,
			),
		},
		["ConcatenationOptions", { axis }],
	);
}

function total(sizes: readonly number[]): number {
	return sizes.some((size) => size < 0)
		? -1
		: sizes.reduce((sum, size) => sum + size, 0);
}

/** `yes` where the condition holds, else `no`; all three broadcast. */
export function selected(
	context: LiteContext,
	condition: LiteValue,
	yes: LiteValue,
	no: LiteValue,
): LiteValue {
	const chosen = broadcast(yes.shape, no.shape);
	const shape = broadcast(condition.shape, chosen);
	const isSame = [condition, yes, no].every(
		(operand) => String(operand.shape) === String(shape),
	);
	const wide = !isSame && (shape?.length ?? 0) > REPEATED_AXES;
	const others: LiteValue = { ...yes, shape: chosen };
	return context.emit(
		"SELECT_V2",
		wide && isStatic(shape)
			? [
					whole(context, condition, others, shape),
					whole(context, yes, condition, shape),
					whole(context, no, condition, shape),
				]
			: [condition, yes, no],
		{ dtype: yes.dtype, shape },
	);
}
