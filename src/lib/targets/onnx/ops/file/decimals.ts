import { tensorFromNumbers } from "../../../../tensor/numbers.js";
import { type Expressions, expressions } from "../../expression.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";
import { type Text, type Texts, texts } from "./texts.js";

/**
 * Decimal forms of numbers that are finite and not negative (float64), as C's printf has them; `digits` is at most
 * `MOST_DIGITS`. Of the numbers between two of so many digits the nearest is chosen as far as double precision tells.
 */
export interface Decimals {
	/** `%.*f`; digits of the whole part are right below 10^54. */
	fixed(value: OnnxValue, digits: number): Text;
	/** `%.*e` */
	scientific(value: OnnxValue, digits: number): Text;
	/** `%.*g` */
	general(value: OnnxValue, digits: number): Text;
}

/** What is left of the 18 digits of int64 where `%g` puts four zeros before them. */
export const MOST_DIGITS = 13;

interface Made {
	readonly context: LowerContext;
	readonly t: Texts;
	readonly e: Expressions;
}

export function decimals(context: LowerContext): Decimals {
	const made: Made = { context, t: texts(context), e: expressions(context) };
	return {
		fixed: (value, digits) => fixed(made, value, digits),
		scientific: (value, digits) => {
			const { significand, exponent } = scaled(made, value, digits + 1);
			const behind = context.scalar("int64", digits);
			return withExponent(made, significand, behind, exponent, digits > 0);
		},
		general: (value, digits) => general(made, value, Math.max(1, digits)),
	};
}

function fixed(made: Made, value: OnnxValue, digits: number): Text {
	const { context, t, e } = made;
	if (digits === 0) return whole(made, e.of("Round", value), 2);
	const unit = 10 ** digits;
	const floor = e.of("Floor", value);
	const behind = e.of("Round", e.mul(e.sub(value, floor), unit));
	const isNext = e.equal(behind, unit);
	const before = e.where(isNext, e.add(floor, 1), floor);
	const rest = context.cast(e.where(isNext, 0, behind), "int64");
	return t.join(
		whole(made, before, 2),
		t.constant("."),
		t.padded(rest, context.scalar("int64", digits)),
	);
}

/** A whole number, 18 digits at a time and as often again as `more` says. */
function whole(made: Made, value: OnnxValue, more: number): Text {
	const { context, t, e } = made;
	const { emit, cast, scalar } = context;
	if (more === 0) return t.digits(cast(value, "int64"));
	const lower = emit("Mod", [value, scalar("float64", 1e18)], { fmod: 1 });
	const upper = e.of("Round", e.div(e.sub(value, lower), 1e18));
	const digits = cast(lower, "int64");
	return t.choose(
		e.equal(upper, 0),
		t.digits(digits),
		t.join(whole(made, upper, more - 1), t.padded(digits, scalar("int64", 18))),
	);
}

interface Scaled {
	/** int64 of so many digits, 0 for 0. */
	readonly significand: OnnxValue;
	/** Of the first digit. */
	readonly exponent: OnnxValue;
}

function scaled(made: Made, value: OnnxValue, digits: number): Scaled {
	const { context, e } = made;
	const isZero = e.equal(value, 0);
	const safe = e.where(isZero, 1, value);
	const guess = e.of("Floor", e.mul(e.of("Log", safe), Math.LOG10E));
	const least = 10 ** (digits - 1);
	const at = (exponent: OnnxValue) =>
		e.of("Round", timesPower(made, safe, e.sub(digits - 1, exponent)));
	// the logarithm is off by one next to a power of 10, and rounding may reach the next
	const first = at(guess);
	const one = context.scalar("float64", 1);
	const over = e.where(e.less(first, 10 * least), 0, one);
	const under = e.where(e.less(first, least), one, 0);
	const exponent = e.sub(e.add(guess, over), under);
	const significand = e.min(at(exponent), 10 * least - 1);
	return {
		significand: context.cast(e.where(isZero, 0, significand), "int64"),
		exponent: context.cast(e.where(isZero, 0, exponent), "int64"),
	};
}

/** value · 10^exponent: up to 10^22 a power is exact, and so is a division by one. */
function timesPower(
	{ context, e }: Made,
	value: OnnxValue,
	exponent: OnnxValue,
): OnnxValue {
	const table = context.initializer(
		tensorFromNumbers(
			"float64",
			[301],
			Array.from({ length: 301 }, (_, i) => Number(`1e${i}`)),
		),
	);
	const power = (by: OnnxValue) =>
		context.emit("Gather", [table, context.cast(by, "int64")]);
	const up = e.max(exponent, 0);
	const down = e.max(e.sub(0, exponent), 0);
	const most = (by: OnnxValue) => e.min(by, 300);
	const rest = (by: OnnxValue) => e.sub(by, most(by));
	const raised = e.mul(e.mul(value, power(most(up))), power(rest(up)));
	return e.div(e.div(raised, power(most(down))), power(rest(down)));
}

/** d.ddde±dd */
function withExponent(
	{ context, t, e }: Made,
	significand: OnnxValue,
	behind: OnnxValue,
	exponent: OnnxValue,
	hasPoint: OnnxValue | boolean,
): Text {
	const unit = t.power(behind);
	const first = t.digits(e.div(significand, unit));
	const rest = t.padded(remainder(context, significand, unit), behind);
	const pointed = t.join(t.constant("."), rest);
	const fraction =
		typeof hasPoint === "boolean"
			? hasPoint
				? pointed
				: t.constant("")
			: t.choose(hasPoint, pointed, t.constant(""));
	const sign = t.choose(
		e.less(exponent, 0),
		t.constant("e-"),
		t.constant("e+"),
	);
	const size = t.padded(
		context.emit("Abs", [exponent]),
		context.scalar("int64", 2),
	);
	return t.join(first, fraction, sign, size);
}

/** Whichever form is shorter, without zeros at the end. */
function general(made: Made, value: OnnxValue, precision: number): Text {
	const { context, t, e } = made;
	const { significand, exponent } = scaled(made, value, precision);
	const isZero = e.equal(significand, 0);
	const zeros = e.where(
		isZero,
		precision - 1,
		e.min(
			t.countPowers(significand, (number, powers) =>
				e.equal(remainder(context, number, powers), 0),
			),
			precision - 1,
		),
	);
	const digits = e.div(significand, t.power(zeros));
	// how many digits come behind the first
	const more = e.sub(precision - 1, zeros);
	const behind = e.max(e.sub(more, exponent), 0);
	const unit = t.power(behind);
	const before = e.mul(e.div(digits, unit), t.power(e.sub(exponent, more)));
	const fraction = t.join(
		t.constant("."),
		t.padded(remainder(context, digits, unit), behind),
	);
	const plain = t.join(
		t.digits(before),
		t.choose(e.equal(behind, 0), t.constant(""), fraction),
	);
	const isFar = e.or(e.less(exponent, -4), e.not(e.less(exponent, precision)));
	const hasPoint = e.greater(more, 0);
	return t.choose(
		isFar,
		withExponent(made, digits, more, exponent, hasPoint),
		plain,
	);
}

function remainder(
	{ emit }: LowerContext,
	number: OnnxValue,
	by: OnnxValue,
): OnnxValue {
	return emit("Mod", [number, by]);
}
