import { fail } from "../errors.js";
import { dtypeAttr } from "../graph/attrs.js";
import type { mathOps } from "../ops/math.js";
import { DTYPES, type DType } from "../tensor/dtype.js";
import {
	comparisonKernel,
	elementwiseKernel,
	mapped,
	numbersOf,
	rounded,
} from "./elementwise.js";
import type { HostKernel, HostTable } from "./kernel.js";

const abs = (a: bigint) => (a < 0n ? -a : a);
const isNegative = (a: number | bigint) => a < 0;

/** Towards minus infinity, as Python. */
function floorDivide(a: bigint, b: bigint): bigint {
	const quotient = divide(a, b);
	return quotient * b !== a && isNegative(a) !== isNegative(b)
		? quotient - 1n
		: quotient;
}

function divide(a: bigint, b: bigint): bigint {
	if (b === 0n) throw fail("INVALID", "cannot divide an integer by zero");
	return a / b;
}

/** Integers divide towards zero, floats as they are. */
const quotient: HostKernel = (node, inputs) => {
	const isInteger = DTYPES[inputs[0].dtype].kind === "int";
	return elementwiseKernel({
		number: isInteger
			? (a, b) => Math.trunc(a / wholeDivisor(b))
			: (a, b) => a / b,
		bigint: divide,
	})(node, inputs);
};

/** Integers wrap: their product is needed to the last bit, which a double does not hold. */
const product: HostKernel = (node, inputs) => {
	const isInteger = DTYPES[inputs[0].dtype].kind === "int";
	const exact = (a: number, b: number) => {
		const rough = a * b;
		return Number.isSafeInteger(rough)
			? rough
			: Number(BigInt.asIntN(32, BigInt(a) * BigInt(b)));
	};
	return elementwiseKernel({
		number: isInteger ? exact : (a, b) => a * b,
		bigint: (a, b) => a * b,
	})(node, inputs);
};

function wholeDivisor(b: number): number {
	if (b === 0) throw fail("INVALID", "cannot divide an integer by zero");
	return b;
}

/** Rounds to the nearest whole number, halves to the even one. */
function roundToEven(a: number): number {
	const nearest = Math.round(a);
	return nearest - a === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}

const castKernel: HostKernel = (node, [x]) => {
	const dtype = dtypeAttr(node, "DstT");
	if (x.dtype === dtype) return [x];
	const values = Array.from(numbersOf(x));
	if (dtype === "bool")
		return [
			mapped([x], "bool", {
				number: (a) => Number(a !== 0),
				bigint: (a) => BigInt(a !== 0n),
			}),
		];
	if (DTYPES[dtype].kind === "bigint" && DTYPES[x.dtype].kind === "bigint")
		return [mapped([x], dtype, { number: (a) => a, bigint: (a) => a })];
	return [
		{
			dtype,
			shape: x.shape,
			data: rounded(
				dtype,
				values.map((value) => truncated(Number(value), dtype)),
			),
		},
	];
};

/** Floats lose their fraction on the way to integers. */
function truncated(value: number, dtype: DType): number {
	const { kind } = DTYPES[dtype];
	return kind === "int" || kind === "bigint" ? Math.trunc(value) : value;
}

const selectKernel: HostKernel = (_, [condition, a, b]) => [
	mapped([a, b, condition], a.dtype, {
		number: (x, y, chosen) => (chosen ? x : y),
		bigint: (x, y, chosen) => (chosen ? x : y),
	}),
];

const larger = (a: bigint, b: bigint) => {
	if (a > b) return a;
	return b;
};

const smaller = (a: bigint, b: bigint) => {
	if (a < b) return a;
	return b;
};

export const mathKernels: HostTable<typeof mathOps> = {
	Abs: elementwiseKernel({ number: Math.abs, bigint: abs }),
	Neg: elementwiseKernel({ number: (a) => -a, bigint: (a) => -a }),
	Sqrt: elementwiseKernel({ number: Math.sqrt }),
	// TensorFlow divides after rounding the root
	Rsqrt: elementwiseKernel({ number: (a) => 1 / Math.sqrt(a) }),
	Exp: elementwiseKernel({ number: Math.exp }),
	Log: elementwiseKernel({ number: Math.log }),
	Floor: elementwiseKernel({ number: Math.floor }),
	Ceil: elementwiseKernel({ number: Math.ceil }),
	Round: elementwiseKernel({ number: roundToEven, bigint: (a) => a }),
	Reciprocal: elementwiseKernel({ number: (a) => 1 / a }),
	Relu: elementwiseKernel({
		number: (a) => Math.max(a, 0),
		bigint: (a) => larger(a, 0n),
	}),
	Sigmoid: elementwiseKernel({ number: (a) => 1 / (1 + Math.exp(-a)) }),
	Tanh: elementwiseKernel({ number: Math.tanh }),

	Add: elementwiseKernel({ number: (a, b) => a + b, bigint: (a, b) => a + b }),
	AddV2: elementwiseKernel({
		number: (a, b) => a + b,
		bigint: (a, b) => a + b,
	}),
	Sub: elementwiseKernel({ number: (a, b) => a - b, bigint: (a, b) => a - b }),
	Mul: product,
	Div: quotient,
	RealDiv: quotient,
	FloorDiv: elementwiseKernel({
		number: (a, b) => Math.floor(a / b),
		bigint: floorDivide,
	}),
	TruncateDiv: quotient,
	FloorMod: elementwiseKernel({
		number: (a, b) => a - Math.floor(a / b) * b,
		bigint: (a, b) => a - floorDivide(a, b) * b,
	}),
	Maximum: elementwiseKernel({
		number: Math.max,
		bigint: larger,
	}),
	Minimum: elementwiseKernel({
		number: Math.min,
		bigint: smaller,
	}),
	Pow: elementwiseKernel({ number: (a, b) => a ** b }),

	Equal: comparisonKernel((a, b) => a === b),
	NotEqual: comparisonKernel((a, b) => a !== b),
	Less: comparisonKernel((a, b) => a < b),
	LessEqual: comparisonKernel((a, b) => a <= b),
	Greater: comparisonKernel((a, b) => a > b),
	GreaterEqual: comparisonKernel((a, b) => a >= b),
	LogicalAnd: comparisonKernel((a, b) => Boolean(a) && Boolean(b)),
	LogicalOr: comparisonKernel((a, b) => Boolean(a) || Boolean(b)),
	LogicalNot: elementwiseKernel({ number: (a) => Number(a === 0) }),

	SelectV2: selectKernel,
	Cast: castKernel,
};
