import { type Arithmetic, arithmetic } from "./arithmetic.js";
import type { LiteContext, LiteValue } from "./lowering.js";

/** The quotient of int64, which has no kernel, rounded down; 64 bits, or no number that is negated on the way fits. */
export function flooredQuotient(
	context: LiteContext,
	x: LiteValue,
	y: LiteValue,
): LiteValue {
	const math = arithmetic(context);
	return exactQuotient(context, math.sub(x, math.both("FLOOR_MOD", x, y)), y);
}

/** The same, rounded towards 0. */
export function truncatedQuotient(
	context: LiteContext,
	x: LiteValue,
	y: LiteValue,
): LiteValue {
	const math = arithmetic(context);
	const { both, sub, choose, less, equal } = math;
	const rest = both("FLOOR_MOD", x, y);
	const hasRest = math.of("LOGICAL_NOT", equal(rest, 0));
	const isNegative = both("NOT_EQUAL", less(x, 0), less(y, 0));
	const isBelow = both("LOGICAL_AND", hasRest, isNegative);
	// one less of the divisor is left where the quotient below zero is rounded up
	const part = choose(isBelow, sub(rest, y), rest);
	return exactQuotient(context, sub(x, part), y);
}

/** Floats find 22 bits of the quotient at a time. */
const ROUNDS = 3;

/** The quotient where nothing is left. */
function exactQuotient(
	context: LiteContext,
	x: LiteValue,
	y: LiteValue,
): LiteValue {
	const math: Arithmetic = arithmetic(context);
	const divisor = context.cast(y, "float32");
	let [rest, sum]: (LiteValue | undefined)[] = [x, undefined];
	for (let round = 0; round < ROUNDS; round++) {
		const share = math.div(context.cast(rest as LiteValue, "float32"), divisor);
		const whole = context.cast(math.of("ROUND", share), "int64");
		rest = math.sub(rest as LiteValue, math.mul(whole, y));
		sum = sum === undefined ? whole : math.add(sum, whole);
	}
	return sum as LiteValue;
}
