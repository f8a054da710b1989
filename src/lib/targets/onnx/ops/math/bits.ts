import { DTYPES, type DType } from "../../../../tensor/dtype.js";
import type { LowerContext, Lowering, OnnxValue } from "../../lowering.js";
import { composed } from "./rows.js";

/** ONNX shifts unsigned integers of these widths only. */
const SHIFTED_AS: Readonly<Partial<Record<DType, DType>>> = {
	int8: "uint8",
	uint8: "uint8",
	int16: "uint32",
	uint16: "uint32",
	int32: "uint32",
	uint32: "uint32",
	int64: "uint64",
	uint64: "uint64",
};

const UNSIGNED: Readonly<Partial<Record<DType, DType>>> = {
	int8: "uint8",
	int16: "uint16",
	int32: "uint32",
	int64: "uint64",
};

export const leftShift = composed((_, [x, y], context) =>
	shifted(context, x, y, "LEFT"),
);

/** The sign moves in from the left: a negative number is shifted as its complement, whose sign bit is 0. */
export const rightShift = composed(({ less, where, mul }, [x, y], context) => {
	if (x.dtype.startsWith("u")) return shifted(context, x, y, "RIGHT");
	const mask = where(less(x, 0), -1, mul(x, 0));
	const complement = context.emit("BitwiseXor", [x, mask]);
	return context.emit("BitwiseXor", [
		shifted(context, complement, y, "RIGHT"),
		mask,
	]);
});

/** TensorFlow keeps the distance within the width (kernels/cwise_ops.h, left_shift_op). */
function shifted(
	{ emit, cast, scalar }: LowerContext,
	x: OnnxValue,
	y: OnnxValue,
	direction: "LEFT" | "RIGHT",
): OnnxValue {
	const wide = SHIFTED_AS[x.dtype] ?? "uint64";
	const highest = 8 * DTYPES[x.dtype].bytes - 1;
	const distance = emit("Clip", [
		y,
		scalar(y.dtype, 0),
		scalar(y.dtype, highest),
	]);
	return cast(
		emit("BitShift", [cast(x, wide), cast(distance, wide)], { direction }),
		x.dtype,
	);
}

/** Every second bit, every second pair, every second four, and a one in each byte. */
const ODD_BITS = 0x5555555555555555n;
const ODD_PAIRS = 0x3333333333333333n;
const ODD_FOURS = 0x0f0f0f0f0f0f0f0fn;
const ONE_A_BYTE = 0x0101010101010101n;

/** Adds bits side by side, then pairs, then fours, then bytes (Warren, Hacker's Delight, 5-1). */
export const populationCount: Lowering = composed(
	({ add, sub, mul }, [x], context) => {
		const { emit, cast } = context;
		const word = (value: bigint) =>
			context.initializer({
				dtype: "uint64",
				shape: [],
				data: BigUint64Array.of(value),
			});
		const right = (value: OnnxValue, distance: bigint) =>
			emit("BitShift", [value, word(distance)], { direction: "RIGHT" });
		const masked = (value: OnnxValue, mask: bigint) =>
			emit("BitwiseAnd", [value, word(mask)]);
		const bits = cast(cast(x, UNSIGNED[x.dtype] ?? x.dtype), "uint64");
		const pairs = sub(bits, masked(right(bits, 1n), ODD_BITS));
		const fours = add(
			masked(pairs, ODD_PAIRS),
			masked(right(pairs, 2n), ODD_PAIRS),
		);
		const bytes = masked(add(fours, right(fours, 4n)), ODD_FOURS);
		return cast(right(mul(bytes, word(ONE_A_BYTE)), 56n), "uint8");
	},
);
