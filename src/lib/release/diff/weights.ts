import { numbersOf } from "../../tensor/convert.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Weight } from "./constants.js";

/** A weight that both versions have. */
export interface WeightChange {
	readonly name: string;
	readonly dtype: DType;
	readonly shape: readonly number[];
	/** Its name in the first version, where that was another one. */
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
 * Compares weights of the same name. As Keras counts names anew wherever a model is made, `dense_1` of one may be `dense_3`
 * of the other: where a name without its counters has others in both, the first is compared with the first, and so on. One
 * pair is in memory at a time.
 */
export function compareWeights(
	from: readonly Weight[],
	to: readonly Weight[],
): WeightChanges {
	const pairs = [...pairsOf(from, to)];
	const paired = new Set(pairs.flat());
	const compared = pairs.map(([old, weight]) => compare(old, weight));
	const changed = compared
		.filter(({ absolute }) => absolute > 0)
		.sort((a, b) => b.relative - a.relative);
	return {
		changed,
		same: pairs.length - changed.length,
		removed: from.filter((weight) => !paired.has(weight)),
		added: to.filter((weight) => !paired.has(weight)),
	};
}

type Pair = readonly [Weight, Weight];

function* pairsOf(
	from: readonly Weight[],
	to: readonly Weight[],
): Generator<Pair> {
	const before = groups(from);
	for (const [kind, weights] of groups(to)) {
		const old = before.get(kind) ?? [];
		const names = new Map(old.map((weight) => [weight.name, weight]));
		const isCounted = weights.some(({ name }) => !names.has(name));
		for (const [i, weight] of weights.entries()) {
			const like = isCounted ? old[i] : names.get(weight.name);
			if (like !== undefined) yield [like, weight];
		}
	}
}

/** By name without counters, type and shape. */
function groups(weights: readonly Weight[]): Map<string, Weight[]> {
	const found = new Map<string, Weight[]>();
	for (const weight of weights) {
		const { name, dtype, shape } = weight;
		const kind = `${name.replace(/(_\d+)+(?=\/|:|$)/g, "")} ${dtype} ${shape}`;
		found.set(kind, [...(found.get(kind) ?? []), weight]);
	}
	return found;
}

function compare(from: Weight, to: Weight): WeightChange {
	const { name, dtype, shape } = to;
	const [a, b] = [from.read(), to.read()];
	const isNumber = dtype !== "string" && DTYPES[dtype].kind !== "complex";
	return {
		name,
		dtype,
		shape,
		...(from.name !== name && { before: from.name }),
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
