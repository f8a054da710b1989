import { DTYPES } from "../src/lib/tensor/dtype.js";
import { showShape, type Tensor } from "../src/lib/tensor/tensor.js";

export interface Tolerance {
	readonly rtol?: number;
	readonly atol?: number;
	/** Whether integers may differ so too. */
	readonly whole?: boolean;
}

/** Half and bfloat16 keep two to three digits, so their sums differ by more than those of float32. */
const HALF_TOLERANCE: Tolerance = { rtol: 1e-2, atol: 1e-2 };

/** What float32 kernels of different libraries agree on. */
const FLOAT_TOLERANCE: Tolerance = { rtol: 1e-4, atol: 1e-5 };

/**
 * Fails unless two tensors have one type, one shape and close elements: floats within `atol + rtol * |expected|`, all
 * else exactly; NaN equals NaN, an infinity itself. The message names the first index that differs and both values.
 */
export function expectClose(
	actual: Tensor | undefined,
	expected: Tensor,
	tolerance: Tolerance = {},
): void {
	const problem = difference(actual, expected, tolerance);
	if (problem !== undefined) throw new Error(problem);
}

/** Where two tensors first differ, in words; `undefined` if they are close. */
export function difference(
	actual: Tensor | undefined,
	expected: Tensor,
	tolerance: Tolerance = {},
): string | undefined {
	if (actual === undefined) return "there is no such tensor";
	if (actual.dtype !== expected.dtype)
		return `element type is ${actual.dtype}, wanted ${expected.dtype}`;
	if (showShape(actual.shape) !== showShape(expected.shape))
		return `shape is ${showShape(actual.shape)}, wanted ${showShape(expected.shape)}`;
	if (actual.data.length !== expected.data.length)
		return `it holds ${actual.data.length} values, wanted ${expected.data.length}`;
	const { kind } = DTYPES[expected.dtype];
	const limits = {
		...(kind === "half" ? HALF_TOLERANCE : FLOAT_TOLERANCE),
		...tolerance,
	};
	return firstDifference(elements(actual), elements(expected), (a, e) =>
		typeof a === "number" &&
		typeof e === "number" &&
		(tolerance.whole === true || !EXACT.has(kind))
			? isClose(a, e, limits)
			: Object.is(a, e) || a === e,
	);
}

/** Kinds whose elements must be equal. */
const EXACT: ReadonlySet<string> = new Set([
	"int",
	"bigint",
	"bool",
	"string",
	"quantized",
]);

type Element = number | bigint | string;

/** Elements as values that can be compared and shown: half types as numbers, strings as JSON of their Latin-1 text. */
function elements({ dtype, data }: Tensor): readonly Element[] {
	if (!ArrayBuffer.isView(data))
		return data.map((bytes) =>
			JSON.stringify(Buffer.from(bytes).toString("latin1")),
		);
	if (dtype === "float16") return Array.from(data as Uint16Array, float16);
	if (dtype === "bfloat16") return Array.from(data as Uint16Array, bfloat16);
	return Array.from<Element>(data);
}

function firstDifference(
	actual: readonly Element[],
	expected: readonly Element[],
	same: (actual: Element, expected: Element) => boolean,
): string | undefined {
	const wrong = [...expected.keys()].filter(
		(i) => !same(actual[i], expected[i]),
	);
	if (wrong.length === 0) return undefined;
	const [index] = wrong;
	return `element ${index} is ${actual[index]}, wanted ${expected[index]} (${wrong.length} of ${expected.length} differ)`;
}

function isClose(
	actual: number,
	expected: number,
	{ rtol = 0, atol = 0 }: Tolerance,
): boolean {
	if (Number.isNaN(expected)) return Number.isNaN(actual);
	if (!Number.isFinite(expected)) return actual === expected;
	return Math.abs(actual - expected) <= atol + rtol * Math.abs(expected);
}

/** IEEE 754 binary16: sign, 5 bits of exponent with bias 15, 10 of fraction. */
export function float16(bits: number): number {
	const sign = bits & 0x8000 ? -1 : 1;
	const exponent = (bits >> 10) & 31;
	const fraction = bits & 1023;
	if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
	if (exponent === 0) return sign * fraction * 2 ** -24;
	return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The upper half of a float32. */
export function bfloat16(bits: number): number {
	return new Float32Array(new Uint32Array([bits << 16]).buffer)[0];
}
