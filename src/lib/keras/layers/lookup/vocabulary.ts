import { fail } from "../../../errors.js";
import type { LayerScope, WeightName } from "../../entry.js";
import { isList, type Json } from "../../json.js";
import type { Layer } from "../../model.js";
import { integer, numbers, unsupported } from "../../settings.js";

/** What a file keeps of a vocabulary that was learned: its words, one a line. */
const FILE = "vocabulary.txt";

/** A vocabulary, and where each of its words is: special ones first. */
export interface Vocabulary {
	readonly tokens: readonly string[];
	/** The place of the first token. */
	readonly start: number;
	/** The number of places. */
	readonly size: number;
	/** Whether the list in the file had the special ones too. */
	readonly hadSpecials: boolean;
}

export interface Specials {
	/** What stands for nothing; null where nothing does. */
	readonly mask: Json;
	/** What stands for words that are not in it. */
	readonly unknown: Json;
	readonly unknowns: number;
	readonly mode: string;
}

/** The words are in the configuration if somebody gave them, else in a file of their own. */
export function vocabularyWeights(
	layer: Layer,
	mode: string,
): readonly WeightName[] {
	const isGiven = isList(layer.config.vocabulary);
	const words = { name: "vocabulary", path: FILE, asset: true as const };
	const weights = {
		name: "idf_weights",
		path: "vars/idf_weights",
		trainable: false as const,
	};
	return [
		...(isGiven ? [] : [words]),
		...(mode === "tf_idf" && (!isGiven || layer.generation === 2)
			? [weights]
			: []),
	];
}

/** keras layers/preprocessing/index_lookup.py, set_vocabulary. Fails with CORRUPT where a word is in it twice. */
export function vocabularyOf(
	scope: LayerScope,
	{ mask, unknown, unknowns, mode }: Specials,
): Vocabulary {
	const specials = [
		...(mask !== null && mode === "int" ? [mask] : []),
		...new Array<Json>(unknowns).fill(unknown),
	].map(String);
	const all = wordsOf(scope);
	const hadSpecials = specials.every((text, i) => all[i] === text);
	const start = specials.length;
	const tokens = hadSpecials ? all.slice(start) : all;
	const { name } = scope.layer;
	if (new Set(tokens).size < tokens.length)
		throw fail(
			"CORRUPT",
			`cannot read the vocabulary of layer "${name}": "${repeated(tokens)}" is in it twice`,
			{ at: { layer: name } },
		);
	return { tokens, start, size: start + tokens.length, hadSpecials };
}

/** What each place weighs where words are counted by how rare they are. */
export function rarities(
	scope: LayerScope,
	{ tokens, start, hadSpecials }: Vocabulary,
	depth: number,
): readonly number[] {
	const { layer } = scope;
	const given = numbers(layer, "idf_weights")?.values;
	if (given === undefined || layer.generation === 2) {
		const { data } = scope.stored("idf_weights", [-1]).read();
		return filled(Array.from(data as Float32Array), depth);
	}
	if (given.length !== tokens.length + (hadSpecials ? start : 0))
		throw unsupported(layer, `it has ${given.length} idf_weights`);
	const mean = given.reduce((sum, value) => sum + value, 0) / given.length;
	const front = new Array<number>(hadSpecials ? 0 : start).fill(mean);
	return filled([...front, ...given], depth);
}

/** The length of results: as many as there are words, or may be. */
export function depthOf(layer: Layer, { size }: Vocabulary): number {
	return layer.config.pad_to_max_tokens === true
		? integer(layer, "max_tokens")
		: size;
}

function wordsOf(scope: LayerScope): readonly string[] {
	const { vocabulary } = scope.layer.config;
	if (isList(vocabulary)) return vocabulary.map(String);
	const { data } = scope.stored("vocabulary", [-1]).read();
	return (data as readonly Uint8Array[]).map((line) =>
		Buffer.from(line).toString(),
	);
}

function repeated(tokens: readonly string[]): string {
	const seen = new Set<string>();
	return tokens.find((text) => seen.has(text) || !seen.add(text)) ?? "";
}

function filled(values: readonly number[], length: number): readonly number[] {
	return Array.from({ length }, (_, i) => values[i] ?? 0);
}
