import { DTYPES, type DType } from "../../tensor/dtype.js";
import { elementCount, type Shape } from "../../tensor/tensor.js";
import type { InferRule, ValueType } from "../define.js";
import { broadcast, isStatic } from "../shapes.js";

type Element = number | undefined;

/** An element-wise op of two numbers; integer elements that are known are followed, so that shapes can be computed. */
export function arithmetic(
	compute: (a: number, b: number) => number,
): InferRule {
	return ({ inputs: [a, b] }) => {
		const type = { dtype: a.dtype, shape: broadcast(a.shape, b.shape) };
		const elements = paired(a, b, type.shape, compute);
		return [elements === undefined ? type : withElements(type, elements)];
	};
}

/** As `arithmetic`, for an op of one number. */
export function unaryArithmetic(compute: (a: number) => number): InferRule {
	return ({ inputs: [{ dtype, shape, elements }] }) => {
		if (elements === undefined) return [{ dtype, shape }];
		return [
			withElements(
				{ dtype, shape },
				elements.map((a) => (a === undefined ? undefined : compute(a))),
			),
		];
	};
}

/** A type with those elements that are integers its element type can hold; results that would wrap are not known. */
export function withElements(
	type: ValueType,
	elements: readonly Element[],
): ValueType {
	const { low, high } = integerRange(type.dtype) ?? { low: 0, high: -1 };
	const isHeld = (element: Element) =>
		element !== undefined &&
		Number.isSafeInteger(element) &&
		element >= low &&
		element <= high;
	return {
		...type,
		elements: elements.map((element) =>
			isHeld(element) ? element : undefined,
		),
	};
}

/** The results pair by pair, if nothing is stretched but a single element. */
function paired(
	{ elements: a }: ValueType,
	{ elements: b }: ValueType,
	shape: Shape,
	compute: (a: number, b: number) => number,
): readonly Element[] | undefined {
	if (a === undefined || b === undefined || !isStatic(shape)) return undefined;
	const length = a.length === 1 ? b.length : a.length;
	const isPaired = b.length === length || b.length === 1;
	if (!isPaired || elementCount(shape) !== length) return undefined;
	return Array.from({ length }, (_, i) => {
		const x = a[a.length === 1 ? 0 : i];
		const y = b[b.length === 1 ? 0 : i];
		return x === undefined || y === undefined ? undefined : compute(x, y);
	});
}

/** The smallest and largest value of an integer type, `undefined` for others. */
function integerRange(dtype: DType): { low: number; high: number } | undefined {
	const { kind, bytes } = DTYPES[dtype];
	if (kind !== "int" && kind !== "bigint") return undefined;
	return dtype.startsWith("u")
		? { low: 0, high: 2 ** (8 * bytes) - 1 }
		: { low: -(2 ** (8 * bytes - 1)), high: 2 ** (8 * bytes - 1) - 1 };
}
