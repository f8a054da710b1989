import { numbersOf } from "../../tensor/convert.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Weight } from "./constants.js";

/** A weight that both versions have. */
export interface WeightChange {
	readonly key: string;
	readonly dtype: DType;
	readonly shape: readonly number[];
	/** Its key in the first version, where that was another one. */
	readonly before?: string;
	/** The largest difference of two elements. */
	readonly absolute: number;
	/** The length of the difference in parts of the first one's length; 1 where that is zero. */
	readonly relative: number;
}

export interface WeightChanges {
	/** Those that are not the same, the most changed first. */
	readonly changed: readonly WeightChange[];
	readonly same: number;
	/** Without a like in the other version: another shape or type, or not there. */
	readonly removed: readonly Weight[];
	readonly added: readonly Weight[];
}

/**
 * Compares weights of the same key; those whose keys are other ones with the next of the same type and shape, as names
 * are counted anew wherever a model is made. One pair is in memory at a time.
 */
export function compareWeights(
	from: readonly Weight[],
	to: readonly Weight[],
): WeightChanges {
	const pairs: (readonly [Weight, Weight])[] = [];
	const before = new Map(from.map((weight) => [weight.key, weight]));
	const open = to.filter((weight) => {
		const old = before.get(weight.key);
		if (old === undefined || !isAlike(old, weight)) return true;
		before.delete(weight.key);
		pairs.push([old, weight]);
		return false;
	});
	const left = [...before.values()];
	const added = open.filter((weight) => {
		const at = left.findIndex((old) => isAlike(old, weight));
		if (at < 0) return true;
		pairs.push([left[at], weight]);
		left.splice(at, 1);
		return false;
	});
	const compared = pairs.map(([old, weight]) => compare(old, weight));
	const changed = compared
		.filter(({ absolute }) => absolute > 0)
		.sort((a, b) => b.relative - a.relative);
	return { changed, same: pairs.length - changed.length, removed: left, added };
}

function isAlike(a: Weight, b: Weight): boolean {
	return a.dtype === b.dtype && a.shape.join() === b.shape.join();
}

function compare(from: Weight, to: Weight): WeightChange {
	const { key, dtype, shape } = to;
	const [a, b] = [from.read(), to.read()];
	const isNumber = dtype !== "string" && DTYPES[dtype].kind !== "complex";
	return {
		key,
		dtype,
		shape,
		...(from.key !== key && { before: from.key }),
		...(isNumber ? distance(a, b) : identity(a, b)),
	};
}

function distance(
	from: Tensor,
	to: Tensor,
): Pick<WeightChange, "absolute" | "relative"> {
	const [a, b] = [numbersOf(from), numbersOf(to)];
	let [absolute, squares, length] = [0, 0, 0];
	for (let i = 0; i < a.length; i++) {
		const [x, y] = [Number(a[i]), Number(b[i])];
		if (Object.is(x, y) || x === y) {
			length += x * x;
			continue;
		}
		const difference = Math.abs(x - y);
		// what is no number is as far away as can be
		const gap = Number.isNaN(difference)
			? Number.POSITIVE_INFINITY
			: difference;
		absolute = Math.max(absolute, gap);
		squares += gap * gap;
		length += x * x;
	}
	const relative =
		squares === 0 ? 0 : length > 0 ? Math.sqrt(squares / length) : 1;
	return { absolute, relative: Number.isNaN(relative) ? 1 : relative };
}

function identity(
	{ data: a }: Tensor,
	{ data: b }: Tensor,
): Pick<WeightChange, "absolute" | "relative"> {
	const isSame = Array.from(a as ArrayLike<unknown>).every((value, i) => {
		const other = b[i];
		return value instanceof Uint8Array && other instanceof Uint8Array
			? Buffer.compare(value, other) === 0
			: value === other;
	});
	return isSame ? { absolute: 0, relative: 0 } : { absolute: 1, relative: 1 };
}
