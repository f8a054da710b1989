import type { Arithmetic } from "../../arithmetic.js";
import { type LiteValue, unfit } from "../../lowering.js";

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

function requireBits({ dtype }: LiteValue): void {
	if (dtype !== "int32")
		throw unfit(`it is composed for int32 only, not for ${dtype}`);
}
