import { fail } from "../errors.js";
import { nearest, quoted } from "../nearest.js";
import { globMatcher } from "./glob.js";

/** What is made of weights, and of which ones: `float16`, `uint8=conv*,dense*`. */
export interface QuantizeRule {
	/** The kinds that exist are the target's. */
	readonly type: string;
	/** Patterns of names; without them all weights that no other rule names. */
	readonly globs?: readonly string[];
}

/** `float16` or `uint8=GLOB,GLOB`. */
export function parseQuantizeRule(text: string): QuantizeRule {
	const [type, globs] = text.split(/=(.*)/s);
	return globs === undefined
		? { type }
		: { type, globs: globs.split(",").filter((glob) => glob !== "") };
}

/** How many weights a rule took, and what became of their bytes. */
export interface QuantizeRow {
	readonly type: string;
	/** A pattern, or `*` for all others. */
	readonly glob: string;
	readonly weights: number;
	readonly before: number;
	readonly after: number;
}

export interface QuantizableWeight {
	readonly name: string;
	readonly byteLength: number;
}

export interface Quantized<Type extends string> {
	/** By the name of a weight. */
	readonly types: ReadonlyMap<string, Type>;
	readonly rows: readonly QuantizeRow[];
}

/**
 * Which weight is quantized how. Fails with INVALID for a type that is none of `types` (each with the part of a weight's bytes
 * that it leaves), for a pattern that matches nothing, for a weight that two types want, and for two rules without patterns.
 */
export function quantizedWeights<Type extends string>(
	rules: readonly QuantizeRule[],
	weights: readonly QuantizableWeight[],
	types: Readonly<Record<Type, number>>,
): Quantized<Type> {
	const found = new Map<string, Type>();
	const rows: QuantizeRow[] = [];
	const take = (type: Type, glob: string, taken: QuantizableWeights) => {
		for (const { name } of taken) {
			const other = found.get(name);
			if (other !== undefined && other !== type)
				throw unusable(
					`both ${other} and ${type} are wanted for weight "${name}"`,
				);
			found.set(name, type);
		}
		const before = taken.reduce((sum, { byteLength }) => sum + byteLength, 0);
		const after = Math.ceil(before * types[type]);
		rows.push({ type, glob, weights: taken.length, before, after });
	};
	const [rest, ...more] = rules.filter(({ globs }) => globs === undefined);
	if (more.length > 0)
		throw unusable(
			`${rest.type} and ${more[0].type} are both for all weights, one is wanted`,
		);
	for (const { type, globs = [] } of rules)
		for (const glob of globs) {
			const matches = globMatcher(glob);
			const taken = weights.filter(({ name }) => matches(name));
			if (taken.length === 0) throw unmatched(glob, weights);
			take(known(type, types), glob, taken);
		}
	if (rest !== undefined)
		take(
			known(rest.type, types),
			"*",
			weights.filter(({ name }) => !found.has(name)),
		);
	return { types: found, rows };
}

type QuantizableWeights = readonly QuantizableWeight[];

function known<Type extends string>(
	type: string,
	types: Readonly<Record<Type, number>>,
): Type {
	if (Object.hasOwn(types, type)) return type as Type;
	const names = Object.keys(types);
	throw unusable(`"${type}" is none of ${quoted(nearest(type, names))}`);
}

function unmatched(glob: string, weights: QuantizableWeights) {
	const names = weights.map(({ name }) => name);
	return unusable(
		`no weight is called "${glob}"; the nearest are ${quoted(nearest(glob, names).slice(0, 3))}`,
		"* stands for anything, slashes included",
	);
}

function unusable(reason: string, hint?: string) {
	return fail(
		"INVALID",
		`cannot quantize the weights: ${reason}`,
		hint === undefined ? {} : { hint },
	);
}
