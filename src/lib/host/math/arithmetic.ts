import { fail } from "../../errors.js";
import type { binaryOps } from "../../ops/math/binary.js";
import { DTYPES } from "../../tensor/dtype.js";
import { type BinaryRule, binaryKernel, unaryKernel } from "../elementwise.js";
import type { HostKernel, HostTable } from "../kernel.js";
import { maximum, minimum } from "./extreme.js";
import { withText } from "./joined-text.js";
import { added, divided, multiplied, subtracted } from "./singles.js";

const sum: BinaryRule = {
	float: (a, b) => a + b,
	int: (a, b) => a + b,
	bigint: (a, b) => a + b,
	narrow: (a, b) => a + b,
};

/** Floats as they are, integers towards zero. */
const division: BinaryRule = {
	float: (a, b) => a / b,
	int: (a, b) => Math.trunc(a / nonZero(b)),
	bigint: (a, b) => a / nonZero(b),
};

const truncatedRest: BinaryRule = {
	float: (a, b) => a % b,
	int: (a, b) => a % nonZero(b),
	bigint: (a, b) => a % nonZero(b),
};

/** The rest has the divisor's sign. */
const flooredRest: BinaryRule = {
	float: (a, b) => flooredRemainder(a, b),
	int: (a, b) => flooredRemainder(a, nonZero(b)),
	bigint: (a, b) => {
		const rest = a % nonZero(b);
		return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
	},
};

function flooredRemainder(a: number, b: number): number {
	const rest = a % b;
	return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

function nonZero<T extends number | bigint>(divisor: T): T {
	if (divisor === 0 || divisor === 0n)
		throw fail("INVALID", "cannot divide an integer by zero");
	return divisor;
}

/** Integers are multiplied again and again, each product wrapped. */
const power: BinaryRule = {
	float: (a, b) => (a === 1 ? 1 : a ** b),
	int: (base, exponent) => {
		let [result, square] = [1, base];
		for (
			let rest = wholeExponent(exponent);
			rest > 0;
			rest = Math.floor(rest / 2)
		) {
			if (rest % 2 === 1) result = Math.imul(result, square);
			square = Math.imul(square, square);
		}
		return result;
	},
	bigint: (base, exponent) => {
		let [result, square] = [1n, base];
		for (let rest = wholeExponent(exponent); rest > 0n; rest /= 2n) {
			if (rest % 2n === 1n) result = BigInt.asIntN(64, result * square);
			square = BigInt.asIntN(64, square * square);
		}
		return result;
	},
};

function wholeExponent<T extends number | bigint>(exponent: T): T {
	if (exponent < 0)
		throw fail(
			"INVALID",
			`cannot raise an integer to the power of ${exponent}: the exponent is negative`,
		);
	return exponent;
}

/** The distance stays within the width (kernels/cwise_ops.h, left_shift_op). */
function shift(
	int: (a: number, distance: number) => number,
	bigint: (a: bigint, distance: bigint) => bigint,
): HostKernel {
	return (node, inputs) => {
		const highest = 8 * DTYPES[inputs[0].dtype].bytes - 1;
		const within = (b: number) => Math.min(Math.max(b, 0), highest);
		return binaryKernel({
			int: (a, b) => int(a, within(b)),
			bigint: (a, b) => bigint(a, BigInt(within(Number(b)))),
		})(node, inputs);
	};
}

export const arithmeticKernels: HostTable<typeof binaryOps> = {
	Add: withText(binaryKernel(sum, added)),
	AddV2: binaryKernel(sum, added),
	AddN: (node, [first, ...rest]) =>
		rest.reduce<ReturnType<HostKernel>>(
			(total, next) =>
				total === undefined
					? undefined
					: binaryKernel(sum)(node, [total[0], next]),
			[first],
		),
	Sub: binaryKernel(
		{
			float: (a, b) => a - b,
			int: (a, b) => a - b,
			bigint: (a, b) => a - b,
			narrow: (a, b) => a - b,
		},
		subtracted,
	),
	Mul: binaryKernel(
		{
			float: (a, b) => a * b,
			int: Math.imul,
			bigint: (a, b) => a * b,
		},
		multiplied,
	),
	Div: binaryKernel(division, divided),
	RealDiv: binaryKernel(division, divided),
	TruncateDiv: binaryKernel({
		...division,
		float: (a, b) => Math.trunc(a / b),
	}),
	FloorDiv: binaryKernel({
		float: (a, b) => Math.floor(a / b),
		int: (a, b) => Math.floor(a / nonZero(b)),
		bigint: (a, b) => {
			const quotient = a / nonZero(b);
			return quotient * b !== a && a < 0n !== b < 0n ? quotient - 1n : quotient;
		},
	}),
	FloorMod: binaryKernel(flooredRest),
	TruncateMod: binaryKernel(truncatedRest),
	Maximum: binaryKernel(maximum),
	Minimum: binaryKernel(minimum),
	ClipByValue: (node, [t, low, high]) => {
		const lowered = binaryKernel(minimum)(node, [t, high]);
		return lowered && binaryKernel(maximum)(node, [lowered[0], low]);
	},
	Pow: binaryKernel(power),
	SquaredDifference: binaryKernel({
		float: (a, b) => (a - b) * (a - b),
		int: (a, b) => Math.imul(a - b, a - b),
		bigint: (a, b) => (a - b) * (a - b),
	}),
	Atan2: binaryKernel({ float: Math.atan2 }),
	BitwiseAnd: binaryKernel({ int: (a, b) => a & b, bigint: (a, b) => a & b }),
	BitwiseOr: binaryKernel({ int: (a, b) => a | b, bigint: (a, b) => a | b }),
	BitwiseXor: binaryKernel({ int: (a, b) => a ^ b, bigint: (a, b) => a ^ b }),
	LeftShift: shift(
		(a, distance) => a << distance,
		(a, distance) => a << distance,
	),
	RightShift: shift(
		(a, distance) => (a < 0 ? a >> distance : a >>> distance),
		(a, distance) => a >> distance,
	),
	Invert: unaryKernel({ int: (a) => ~a, bigint: (a) => ~a }),
};
