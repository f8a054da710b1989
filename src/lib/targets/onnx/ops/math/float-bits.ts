import type { DType } from "../../../../tensor/dtype.js";
import { type Expressions, expressions } from "../../expression.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";

/** IEEE 754: the bits of the fraction and of the exponent. */
interface Format {
	readonly fraction: number;
	readonly exponent: number;
}

const FORMATS: Readonly<Partial<Record<DType, Format>>> = {
	float16: { fraction: 10, exponent: 5 },
	bfloat16: { fraction: 7, exponent: 8 },
	float32: { fraction: 23, exponent: 8 },
	float64: { fraction: 52, exponent: 11 },
};

/** Whether an element type has a format whose bits can be computed. */
export function hasFloatBits(dtype: DType): boolean {
	return FORMATS[dtype] !== undefined;
}

/** The bits of floats as uint64, by arithmetic: ONNX has no other way to them. `dtype` is TensorFlow's type of them. */
export function floatBits(
	context: LowerContext,
	value: OnnxValue,
	dtype: DType,
): OnnxValue {
	const { fraction, bias, top, signBit } = limits(dtype);
	const { cast, emit } = context;
	const e = expressions(context);
	const x = cast(value, "float64");
	const size = e.of("Abs", x);
	const isInfinite = e.test("IsInf", x);
	const isNan = e.test("IsNaN", x);
	const isSmall = e.less(size, 2 ** (1 - bias));
	const isNormal = e.not(e.or(e.or(isInfinite, isNan), isSmall));
	const normal = e.where(isNormal, size, 1);
	const exponent = exponentOf(e, context, normal);
	const rest = e.sub(e.div(normal, powerOfTwo(context, exponent)), 1);
	const normalBits = e.add(
		e.mul(cast(e.add(exponent, bias), "int64"), 2 ** fraction),
		cast(e.mul(rest, 2 ** fraction), "int64"),
	);
	// in two steps: 2^1074 is beyond a double
	const small = e.where(isSmall, size, 0);
	const units = e.mul(e.mul(small, 2 ** (bias - 1)), 2 ** fraction);
	const finite = e.where(isNormal, normalBits, cast(units, "int64"));
	const special = e.where(
		isNan,
		top + 2 ** (fraction - 1),
		e.where(isInfinite, top, finite),
	);
	const isNegative = e.or(e.less(x, 0), e.less(e.of("Reciprocal", x), 0));
	const bits = cast(special, "uint64");
	const sign = wordOf(context, signBit);
	return e.where(isNegative, emit("BitwiseOr", [bits, sign]), bits);
}

/** The floats whose bits are in the lower part of uint64. */
export function floatsOfBits(
	context: LowerContext,
	bits: OnnxValue,
	dtype: DType,
): OnnxValue {
	const { fraction, bias, exponentMask, signBit } = limits(dtype);
	const { cast, emit } = context;
	const e = expressions(context);
	const word = (value: bigint) => wordOf(context, value);
	const shifted = emit("BitShift", [bits, word(BigInt(fraction))], {
		direction: "RIGHT",
	});
	const exponent = emit("BitwiseAnd", [shifted, word(exponentMask)]);
	const mask = word(2n ** BigInt(fraction) - 1n);
	const units = cast(emit("BitwiseAnd", [bits, mask]), "float64");
	const rest = e.mul(units, 2 ** -fraction);
	const power = powerOfTwo(context, e.sub(cast(exponent, "float64"), bias));
	const isSmall = e.equal(exponent, 0);
	const finite = e.where(
		isSmall,
		e.mul(rest, 2 ** (1 - bias)),
		e.mul(e.add(rest, 1), power),
	);
	const isTop = e.equal(exponent, Number(exponentMask));
	const special = e.where(
		e.equal(units, 0),
		e.add(e.mul(units, 0), Infinity),
		Number.NaN,
	);
	const size = e.where(isTop, special, finite);
	const sign = emit("BitwiseAnd", [bits, word(signBit)]);
	return e.where(e.equal(sign, 0), size, e.of("Neg", size));
}

function limits(dtype: DType) {
	const { fraction, exponent } = FORMATS[dtype] ?? {
		fraction: 52,
		exponent: 11,
	};
	return {
		fraction,
		bias: 2 ** (exponent - 1) - 1,
		/** The bits of infinity. */
		top: (2 ** exponent - 1) * 2 ** fraction,
		exponentMask: 2n ** BigInt(exponent) - 1n,
		signBit: 2n ** BigInt(fraction + exponent),
	};
}

/** The largest power of two that is not above, as an exponent: a logarithm may be off by one. */
function exponentOf(
	e: Expressions,
	context: LowerContext,
	x: OnnxValue,
): OnnxValue {
	const guess = e.of("Floor", e.div(e.of("Log", x), Math.LN2));
	const power = powerOfTwo(context, guess);
	const isAbove = e.less(x, power);
	const isBelow = e.less(e.div(x, power), 2);
	return e.where(
		isAbove,
		e.sub(guess, 1),
		e.where(isBelow, guess, e.add(guess, 1)),
	);
}

function powerOfTwo({ emit, scalar }: LowerContext, exponent: OnnxValue) {
	return emit("Pow", [scalar("float64", 2), exponent]);
}

function wordOf({ initializer }: LowerContext, value: bigint): OnnxValue {
	return initializer({
		dtype: "uint64",
		shape: [],
		data: BigUint64Array.of(value),
	});
}
