import type { ComplexRule } from "./context.js";
import { type Numbers, numbers, widely } from "./numbers.js";
import type { Pair } from "./pair.js";

function unary(compute: (c: Numbers, p: Pair) => Pair): ComplexRule {
	return (context) => [compute(numbers(context), context.pair(0))];
}

/** In double precision: what is subtracted on the way leaves few digits of single. */
function wide(compute: (c: Numbers, p: Pair) => Pair): ComplexRule {
	return (context) => [widely(context, context.pair(0), compute)];
}

function binary(compute: (c: Numbers, p: Pair, q: Pair) => Pair): ComplexRule {
	return (context) => [
		compute(numbers(context), context.pair(0), context.pair(1)),
	];
}

const one = (c: Numbers) => c.of(1, 0);
const quotient = binary((c, p, q) => c.div(p, q));
const square = unary((c, p) => c.mul(p, p));
/** f(iz) / i */
const turned =
	(compute: (c: Numbers, p: Pair) => Pair) => (c: Numbers, p: Pair) =>
		c.turnBack(compute(c, c.turn(p)));

const atanh = (c: Numbers, p: Pair) =>
	c.scale(c.sub(c.log(c.add(one(c), p)), c.log(c.sub(one(c), p))), 0.5);
const acosh = (c: Numbers, p: Pair) => {
	const half = c.of(0.5, 0);
	const above = c.sqrt(c.mul(c.add(p, one(c)), half));
	const below = c.sqrt(c.mul(c.sub(p, one(c)), half));
	return c.scale(c.log(c.add(above, below)), 2);
};
const asin = turned((c, p) => c.asinh(p));

function equality(op: "Equal" | "NotEqual"): ComplexRule {
	return (context) => {
		const { add, part, pair, node } = context;
		const [p, q] = [pair(0), pair(1)];
		const attrs = { ...node.attrs, T: part };
		const [re, im] = [
			add(op, [p.re, q.re], attrs),
			add(op, [p.im, q.im], attrs),
		];
		return [add(op === "Equal" ? "LogicalAnd" : "LogicalOr", [re, im])];
	};
}

/** Element by element, but for what each part does alone (movement.ts). */
export const complexElementwise: Readonly<Record<string, ComplexRule>> = {
	Mul: binary((c, p, q) => c.mul(p, q)),
	Div: quotient,
	RealDiv: quotient,
	DivNoNan: binary((c, p, q) => {
		const { re, im } = c.div(p, q);
		const isZero = c.real.equal(c.magnitude(q), 0);
		return c.of(c.real.where(isZero, 0, re), c.real.where(isZero, 0, im));
	}),
	MulNoNan: binary((c, p, q) => {
		const { re, im } = c.mul(p, q);
		const isZero = c.real.equal(c.magnitude(q), 0);
		return c.of(c.real.where(isZero, 0, re), c.real.where(isZero, 0, im));
	}),
	Pow: binary((c, p, q) => c.exp(c.mul(c.log(p), q))),
	/** The conjugate of the difference times the difference (cwise_ops.h). */
	SquaredDifference: binary((c, p, q) => {
		const { re, im } = c.sub(p, q);
		const { add, mul } = c.real;
		const size = add(mul(re, re), mul(im, im));
		return c.of(size, mul(size, 0));
	}),
	Equal: equality("Equal"),
	NotEqual: equality("NotEqual"),
	Square: square,
	/** z / |z| */
	Sign: unary((c, p) => {
		const size = c.magnitude(p);
		const { where, equal, div } = c.real;
		const by = where(equal(size, 0), 1, size);
		return c.of(div(p.re, by), div(p.im, by));
	}),
	Reciprocal: unary((c, p) => c.div(one(c), p)),
	Inv: unary((c, p) => c.div(one(c), p)),
	Sqrt: unary((c, p) => c.sqrt(p)),
	Rsqrt: unary((c, p) => c.div(one(c), c.sqrt(p))),
	Exp: unary((c, p) => c.exp(p)),
	Expm1: wide((c, p) => c.sub(c.exp(p), one(c))),
	Log: unary((c, p) => c.log(p)),
	Log1p: wide((c, p) => c.log(c.add(p, one(c)))),
	Sin: unary(turned((c, p) => c.sinh(p))),
	Cos: unary((c, p) => c.cos(p)),
	Tan: unary(turned((c, p) => c.tanh(p))),
	Asin: wide(asin),
	Acos: wide((c, p) => c.sub(c.of(Math.PI / 2, 0), asin(c, p))),
	Atan: wide(turned(atanh)),
	Sinh: unary((c, p) => c.sinh(p)),
	Cosh: unary((c, p) => c.cos(c.turn(p))),
	Tanh: unary((c, p) => c.tanh(p)),
	Asinh: wide((c, p) => c.asinh(p)),
	Acosh: wide(acosh),
	Atanh: wide(atanh),
	Sigmoid: unary((c, p) => c.div(one(c), c.add(one(c), c.exp(c.scale(p, -1))))),
};
