import { DTYPES, type DType } from "../../tensor/dtype.js";
import type { InferRule, ValueType } from "../define.js";
import { broadcast } from "../shapes.js";

type Element = number | undefined;

/** An element-wise op of two numbers; integer elements that are known are followed, so that shapes can be computed. */
export function arithmetic(
	compute: (a: number, b: number) => number,
): InferRule {
	return ({ inputs: [a, b] }) => {
		const type = { dtype: a.dtype, shape: broadcast(a.shape, b.shape) };
		if (a.elements === undefined || b.elements === undefined) return [type];
		return [withElements(type, paired(a.elements, b.elements, compute))];
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
	if (type.shape === undefined || type.shape.length > 1) return type;
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

function paired(
	a: readonly Element[],
	b: readonly Element[],
	compute: (a: number, b: number) => number,
): Element[] {
	const at = (list: readonly Element[], i: number) =>
		list[list.length === 1 ? 0 : i];
	const length = a.length === 1 ? b.length : a.length;
	return Array.from({ length }, (_, i) => {
		const [x, y] = [at(a, i), at(b, i)];
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
