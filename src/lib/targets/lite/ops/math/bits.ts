import { DTYPES } from "../../../../tensor/dtype.js";
import { tensorFromNumbers } from "../../../../tensor/numbers.js";
import { type Arithmetic, arithmetic } from "../../arithmetic.js";
import { flooredQuotient } from "../../division.js";
import { type LiteLowering, type LiteValue, unfit } from "../../lowering.js";

/**
 * TensorFlow Lite has XOR alone. x + y = (x ^ y) + 2 (x & y); the halves of both numbers, which have a bit less, make sums that
 * fit, and their last bits are multiplied.
 */
export function bitwiseAnd(
	x: LiteValue,
	y: LiteValue,
	{ both, add, sub, mul }: Arithmetic,
): LiteValue {
	requireBits(x);
	const halves = [x, y].map((value) => both("RIGHT_SHIFT", value, 1));
	const [a, b] = halves;
	const shared = both(
		"RIGHT_SHIFT",
		sub(add(a, b), both("BITWISE_XOR", a, b)),
		1,
	);
	const [low, lower] = [x, y].map((value, i) => sub(value, mul(halves[i], 2)));
	return add(mul(shared, 2), mul(low, lower));
}

export function shiftedLeft(
	x: LiteValue,
	y: LiteValue,
	{ mul, both }: Arithmetic,
): LiteValue {
	requireBits(x);
	return mul(x, both("POW", 2, y));
}

/** Powers of two with one bit less than 32, or 64, and none of them negative. */
const LARGEST_SHIFT = { int32: 30, int64: 62 } as const;

/** Divided by a power of two in two steps, as the largest one is no number of the type; runtimes before 2.13 have no other way. */
export const shiftedRight: LiteLowering = (context) => {
	const { inputs, input, weight, emit, cast } = context;
	const [{ dtype }] = inputs;
	if (dtype === "uint64")
		throw unfit("TensorFlow Lite shifts no integers of 64 bits without sign");
	const wide = dtype === "int64" || dtype === "uint32" ? "int64" : "int32";
	const { max, min, sub, both } = arithmetic(context);
	const bits = 8 * DTYPES[dtype].bytes;
	const count = max(min(cast(input(1), "int32"), bits - 1), 0);
	const half = both("FLOOR_DIV", count, 2);
	const powers = weight(
		tensorFromNumbers(
			wide,
			[LARGEST_SHIFT[wide] + 1],
			Array.from({ length: LARGEST_SHIFT[wide] + 1 }, (_, i) => 2 ** i),
		),
	);
	const shifted = [half, sub(count, half)].reduce(
		(value, by) => {
			const power = emit("GATHER", [powers, by], { ...by, dtype: wide }, [
				"GatherOptions",
				{ axis: 0 },
			]);
			return wide === "int64"
				? flooredQuotient(context, value, power)
				: both("FLOOR_DIV", value, power);
		},
		cast(input(0), wide),
	);
	return cast(shifted, dtype);
};

function requireBits({ dtype }: LiteValue): void {
	if (dtype !== "int32")
		throw unfit(`it is composed for int32 only, not for ${dtype}`);
}
