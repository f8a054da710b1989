import { castTo, type Formula, formula, type Term } from "../../ops/formula.js";
import type { ComplexContext } from "./context.js";
import type { Pair } from "./pair.js";

/** Arithmetic and elementary functions of complex numbers in formulas of their parts, as host/complex/numbers.ts has them. */
export interface Numbers {
	readonly real: Formula;
	of(re: Term, im: Term): Pair;
	add(p: Pair, q: Pair): Pair;
	sub(p: Pair, q: Pair): Pair;
	mul(p: Pair, q: Pair): Pair;
	div(p: Pair, q: Pair): Pair;
	scale(p: Pair, factor: Term): Pair;
	/** i times, and -i times. */
	turn(p: Pair): Pair;
	turnBack(p: Pair): Pair;
	magnitude(p: Pair): string;
	angle(p: Pair): string;
	sqrt(p: Pair): Pair;
	exp(p: Pair): Pair;
	log(p: Pair): Pair;
	cos(p: Pair): Pair;
	sinh(p: Pair): Pair;
	tanh(p: Pair): Pair;
	asinh(p: Pair): Pair;
}

export function numbers(context: ComplexContext, T = context.part): Numbers {
	const real = formula(context, T);
	const { add, sub, mul, div, max, min, where, less, equal, of } = real;
	const value = (term: Term) =>
		typeof term === "number" ? context.scalar(T, term) : term;
	const pair = (re: Term, im: Term): Pair => ({ re: value(re), im: value(im) });
	const times = (p: Pair, q: Pair) =>
		pair(
			sub(mul(p.re, q.re), mul(p.im, q.im)),
			add(mul(p.re, q.im), mul(p.im, q.re)),
		);
	const scale = (p: Pair, factor: Term) =>
		pair(mul(p.re, factor), mul(p.im, factor));
	const largest = (p: Pair) => max(of("Abs", p.re), of("Abs", p.im));
	/** Both are divided by the larger part first: squares would overflow, or vanish. */
	const magnitude = (p: Pair) => {
		const size = largest(p);
		// an infinite part gives an infinite size, not that of a quotient of two
		const by = where(equal(size, 0), 1, min(size, MOST));
		const [x, y] = [div(p.re, by), div(p.im, by)];
		return mul(by, of("Sqrt", add(mul(x, x), mul(y, y))));
	};
	const angle = (p: Pair) => context.add("Atan2", [p.im, p.re], { T });
	const quotient = (p: Pair, q: Pair) => {
		const size = largest(q);
		const unit = pair(div(q.re, size), div(q.im, size));
		const square = add(mul(unit.re, unit.re), mul(unit.im, unit.im));
		const { re, im } = times(p, pair(unit.re, of("Neg", unit.im)));
		return pair(div(div(re, square), size), div(div(im, square), size));
	};
	const sqrt = (p: Pair) => {
		const half = mul(add(of("Abs", p.re), magnitude(p)), 0.5);
		const size = of("Sqrt", half);
		const other = div(p.im, where(equal(size, 0), 1, mul(size, 2)));
		const isLeft = less(p.re, 0);
		const signed = where(less(p.im, 0), of("Neg", size), size);
		return pair(
			where(isLeft, of("Abs", other), size),
			where(isLeft, signed, other),
		);
	};
	const exp = (p: Pair) => {
		const size = of("Exp", p.re);
		return pair(mul(size, of("Cos", p.im)), mul(size, of("Sin", p.im)));
	};
	const log = (p: Pair) => pair(of("Log", magnitude(p)), angle(p));
	const turn = (p: Pair) => pair(of("Neg", p.im), p.re);
	return {
		real,
		of: pair,
		add: (p, q) => pair(add(p.re, q.re), add(p.im, q.im)),
		sub: (p, q) => pair(sub(p.re, q.re), sub(p.im, q.im)),
		mul: times,
		div: quotient,
		scale,
		turn,
		turnBack: (p) => pair(p.im, of("Neg", p.re)),
		magnitude,
		angle,
		sqrt,
		exp,
		log,
		cos: (p) =>
			pair(
				mul(of("Cos", p.re), of("Cosh", p.im)),
				of("Neg", mul(of("Sin", p.re), of("Sinh", p.im))),
			),
		sinh: (p) =>
			pair(
				mul(of("Sinh", p.re), of("Cos", p.im)),
				mul(of("Cosh", p.re), of("Sin", p.im)),
			),
		tanh: (p) => {
			// beyond this it is ±1, and the quotient would be of infinities
			const re = mul(max(min(p.re, 20), -20), 2);
			const im = mul(p.im, 2);
			const by = add(of("Cosh", re), of("Cos", im));
			return pair(div(of("Sinh", re), by), div(of("Sin", im), by));
		},
		asinh: (p) => {
			// of the half plane where the sum loses no digits
			const sign = where(less(p.re, 0), -1, 1);
			const turned = scale(p, sign);
			const square = times(turned, turned);
			const root = sqrt(pair(add(square.re, 1), square.im));
			const sum = pair(add(turned.re, root.re), add(turned.im, root.im));
			return scale(log(sum), sign);
		},
	};
}

/** Below the largest number of single precision. */
const MOST = 3e38;

/** A function computed in double precision, where single would lose digits on the way. */
export function widely(
	context: ComplexContext,
	p: Pair,
	compute: (wide: Numbers, p: Pair) => Pair,
): Pair {
	const { part } = context;
	const cast = (
		{ re, im }: Pair,
		from: typeof part,
		to: typeof part,
	): Pair => ({
		re: castTo(context, re, from, to),
		im: castTo(context, im, from, to),
	});
	const wide = numbers(context, "float64");
	const made = compute(wide, cast(p, part, "float64"));
	return cast(made, "float64", part);
}
