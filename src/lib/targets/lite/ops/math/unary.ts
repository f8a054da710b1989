import type { LiteOp } from "../../../../lite/schema.js";
import type { unaryOps } from "../../../../ops/math/unary.js";
import { DTYPES } from "../../../../tensor/dtype.js";
import { type Arithmetic, arithmetic } from "../../arithmetic.js";
import {
	type LiteContext,
	type LiteLowering,
	type LiteTable,
	type LiteValue,
	unfit,
} from "../../lowering.js";
import { passed, shapeOf } from "../rows.js";

type Formula = (x: LiteValue, math: Arithmetic) => LiteValue;

/** A formula of real numbers. */
function real(formula: Formula): LiteLowering {
	return (context) => {
		requireReal(context);
		return formula(context.input(0), arithmetic(context));
	};
}

function requireReal({ inputs: [{ dtype }] }: LiteContext): void {
	const { kind } = DTYPES[dtype];
	if (kind !== "float" && kind !== "half")
		throw unfit(`TensorFlow Lite does not compute it for ${dtype}`);
}

/** One formula for real numbers, another one for integers, which change no sign that they do not have. */
function number(floats: Formula, integers: Formula): LiteLowering {
	return (context) => {
		const { kind } = DTYPES[context.inputs[0].dtype];
		if (kind === "complex")
			throw unfit("TensorFlow Lite does not compute it for complex numbers");
		const formula = kind === "float" || kind === "half" ? floats : integers;
		return formula(context.input(0), arithmetic(context));
	};
}

const direct = (op: LiteOp) => real((x, { of }) => of(op, x));

const whole = (op: LiteOp): LiteLowering => {
	const floats = direct(op);
	return (context) =>
		DTYPES[context.inputs[0].dtype].kind === "int" ||
		DTYPES[context.inputs[0].dtype].kind === "bigint"
			? passed(context)
			: floats(context);
};

/** Kernels of ATAN2 repeat nothing. */
function onesLike(context: LiteContext, x: LiteValue): LiteValue {
	return context.emit(
		"FILL",
		[shapeOf(context, x), context.scalar(x.dtype, 1)],
		x,
	);
}

/** √(1 - x²), also where x is near 1. */
function side(x: LiteValue, { of, mul, sub, add }: Arithmetic): LiteValue {
	return of("SQRT", mul(sub(1, x), add(1, x)));
}

/** x·p(x²)/q(x²) on [-4, 4], as Eigen computes it for TensorFlow (generic_fast_erf_float). */
const erf: Formula = (value, math) => {
	const { max, min, mul, div } = math;
	// in this order kernels keep what is no number
	const x = min(4, max(-4, value));
	const square = mul(x, x);
	return div(
		mul(x, polynomial(square, ERF_ABOVE, math)),
		polynomial(square, ERF_BELOW, math),
	);
};

const ERF_ABOVE = [
	-2.72614225801306e-10, 2.77068142495902e-8, -2.10102402082508e-6,
	-5.69250639462346e-5, -7.34990630326855e-4, -2.95459980854025e-3,
	-1.60960333262415e-2,
];

const ERF_BELOW = [
	-1.45660718464996e-5, -2.13374055278905e-4, -1.68282697438203e-3,
	-7.37332916720468e-3, -1.42647390514189e-2,
];

/** Coefficients of the highest power first. */
function polynomial(
	x: LiteValue,
	[first, second, ...rest]: readonly number[],
	{ add, mul }: Arithmetic,
): LiteValue {
	return rest.reduce(
		(sum, coefficient) => add(mul(sum, x), coefficient),
		add(mul(x, first), second),
	);
}

const isKind =
	(test: Formula): LiteLowering =>
	(context) =>
		test(context.cast(context.input(0), "float32"), arithmetic(context));

export const unaryRows: LiteTable<typeof unaryOps> = {
	Abs: number(
		(x, { of }) => of("ABS", x),
		(x, { of, max }) =>
			x.dtype === "int64" ? max(x, of("NEG", x)) : of("ABS", x),
	),
	Neg: number(
		(x, { of }) => of("NEG", x),
		(x, { of }) => of("NEG", x),
	),
	Sign: number(
		// the kernel makes 0 of what is no number
		(x, { of, equal, choose }) => choose(equal(x, x), of("SIGN", x), x),
		(x, { min, max }) => max(min(x, 1), -1),
	),
	Square: number(
		(x, { of }) => of("SQUARE", x),
		(x, { mul }) => mul(x, x),
	),
	Reciprocal: real((x, { div }) => div(1, x)),
	Sqrt: direct("SQRT"),
	Rsqrt: direct("RSQRT"),
	Exp: direct("EXP"),
	Expm1: real((x, { of, mul, add }) =>
		mul(of("TANH", mul(x, 0.5)), add(of("EXP", x), 1)),
	),
	Log: direct("LOG"),
	Log1p: real((x, { of, add }) => of("LOG", add(x, 1))),
	Floor: whole("FLOOR"),
	Ceil: whole("CEIL"),
	Round: whole("ROUND"),
	Sin: direct("SIN"),
	Cos: direct("COS"),
	Tan: real((x, { of, div }) => div(of("SIN", x), of("COS", x))),
	Asin: real((x, math) => math.both("ATAN2", x, side(x, math))),
	Acos: real((x, math) => math.both("ATAN2", side(x, math), x)),
	Atan: (context) => {
		requireReal(context);
		const x = context.input(0);
		return arithmetic(context).both("ATAN2", x, onesLike(context, x));
	},
	Sinh: real((x, { of, sub, mul }) =>
		mul(sub(of("EXP", x), of("EXP", of("NEG", x))), 0.5),
	),
	Cosh: real((x, { of, add, mul }) =>
		mul(add(of("EXP", x), of("EXP", of("NEG", x))), 0.5),
	),
	Tanh: direct("TANH"),
	Asinh: real((x, { of, add, mul }) => {
		const size = of("ABS", x);
		const root = of("SQRT", add(mul(x, x), 1));
		return mul(of("SIGN", x), of("LOG", add(size, root)));
	}),
	Acosh: real((x, { of, add, mul, sub }) =>
		of("LOG", add(x, mul(of("SQRT", sub(x, 1)), of("SQRT", add(x, 1))))),
	),
	Atanh: real((x, { of, add, sub, div, mul }) =>
		mul(of("LOG", div(add(1, x), sub(1, x))), 0.5),
	),
	Sigmoid: direct("LOGISTIC"),
	Erf: real(erf),
	IsNan: isKind((x, { of, equal }) => of("LOGICAL_NOT", equal(x, x))),
	IsInf: isKind((x, { of, equal }) => equal(of("ABS", x), Infinity)),
	IsFinite: isKind((x, { of, less }) => less(of("ABS", x), Infinity)),
};
