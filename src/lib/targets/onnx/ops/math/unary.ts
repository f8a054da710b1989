import type { unaryOps } from "../../../../ops/math/unary.js";
import type { LoweringTable } from "../../lowering.js";
import { byKind, composed, direct, predicate } from "./rows.js";

const identity = direct("Identity");

/** Below this size the formulas through tanh and atanh keep the digits that a sum with 1 would lose. */
const SMALL = 0.5;

/** e^x - 1 = 2t / (1 - t) with t = tanh(x / 2) */
const expm1 = composed(({ of, where, less, sub, mul, div }, [x]) => {
	const t = of("Tanh", mul(x, 0.5));
	const near = div(mul(t, 2), sub(1, t));
	return where(less(of("Abs", x), SMALL), near, sub(of("Exp", x), 1));
});

/** ln(1 + x) = 2 atanh(x / (2 + x)) */
const log1p = composed(({ of, where, less, add, mul, div }, [x]) => {
	const near = mul(of("Atanh", div(x, add(x, 2))), 2);
	return where(less(of("Abs", x), SMALL), near, of("Log", add(x, 1)));
});

export const unaryLowerings: LoweringTable<typeof unaryOps> = {
	Abs: direct("Abs"),
	Neg: direct("Neg"),
	// ONNX Runtime takes int64 above 2^31 for what has their lower half's sign
	Sign: composed(({ of, less, greater, sub }, [x], { cast }) => {
		if (x.dtype !== "int64") return of("Sign", x);
		const [above, below] = [greater(x, 0), less(x, 0)];
		return sub(cast(above, "int64"), cast(below, "int64"));
	}),
	Square: composed(({ mul }, [x]) => mul(x, x)),
	Reciprocal: byKind({
		integer: composed(({ div }, [x]) => div(1, x)),
		other: direct("Reciprocal"),
	}),
	Sqrt: direct("Sqrt"),
	Rsqrt: composed(({ of }, [x]) => of("Reciprocal", of("Sqrt", x))),
	Exp: direct("Exp"),
	Expm1: expm1,
	Log: direct("Log"),
	Log1p: log1p,
	Floor: direct("Floor"),
	Ceil: direct("Ceil"),
	Round: byKind({ integer: identity, other: direct("Round") }),
	Sin: direct("Sin"),
	Cos: direct("Cos"),
	Tan: direct("Tan"),
	Asin: direct("Asin"),
	Acos: direct("Acos"),
	Atan: direct("Atan"),
	Sinh: direct("Sinh"),
	Cosh: direct("Cosh"),
	Tanh: direct("Tanh"),
	Asinh: direct("Asinh"),
	Acosh: direct("Acosh"),
	Atanh: direct("Atanh"),
	Sigmoid: direct("Sigmoid"),
	Erf: direct("Erf"),
	IsNan: predicate("IsNaN"),
	IsInf: predicate("IsInf"),
	IsFinite: composed(({ test, or, not }, [x]) =>
		not(or(test("IsNaN", x), test("IsInf", x))),
	),
};
