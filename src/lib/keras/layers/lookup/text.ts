import type { Flow, LayerEntry, LayerScope } from "../../entry.js";
import type { GraphBuilder, Value } from "../../graph/builder.js";
import { rankOf, sliced } from "../../graph/shape.js";
import { integer, integers, unsupported } from "../../settings.js";
import { encoded, encodedRagged, outputMode } from "./encoding.js";
import { encodedWords, type Lookup, lookedUp } from "./index-lookup.js";
import { fromMatrix, fromRowIds, type Ragged, toMatrix } from "./ragged.js";
import { vocabularyOf, vocabularyWeights } from "./vocabulary.js";

/** Texts as the places of their words, or as counts of them (keras layers/preprocessing/text_vectorization.py). */
const textVectorization: LayerEntry = {
	mask: "ends",
	asGiven: true,
	weights: (layer) => vocabularyWeights(layer, outputMode({ layer })),
	emit: (scope) => {
		const { layer } = scope;
		const mode = outputMode(scope);
		if (layer.config.ragged === true)
			throw unsupported(layer, "its results are ragged");
		const specials = { mask: "", unknown: "[UNK]", unknowns: 1, mode };
		const lookup: Lookup = {
			...specials,
			key: "string",
			vocabulary: vocabularyOf(scope, specials),
			isInverse: false,
		};
		const words = wordsOf(scope, standardized(scope, scope.inputs[0]));
		return "splits" in words
			? fromRagged(scope, lookup, words)
			: fromDense(scope, lookup, words);
	},
};

function fromRagged(scope: LayerScope, lookup: Lookup, words: Ragged): Value {
	const { layer, graph } = scope;
	const places = {
		...words,
		values: lookedUp(scope, lookup, words.values),
	};
	if (lookup.mode === "int")
		return toMatrix(graph, places, graph.scalar("int64", 0), lengthIn(scope));
	return encodedWords(scope, lookup, (mode, depth) =>
		encodedRagged(scope, places, {
			mode,
			depth,
			dtype: layer.generation === 2 ? "float32" : "int64",
		}),
	);
}

function fromDense(scope: LayerScope, lookup: Lookup, words: Value): Value {
	const { layer } = scope;
	const places = lookedUp(scope, lookup, words);
	if (lookup.mode === "int") {
		const length = lengthIn(scope);
		return length < 0 ? places : resized(scope, places, length);
	}
	return encodedWords(scope, lookup, (mode, depth) =>
		encoded(scope, places, {
			mode,
			depth,
			dtype: layer.generation === 2 ? "float32" : "int64",
		}),
	);
}

/** How many places a row has; -1 for as many as the longest one. */
function lengthIn({ layer }: LayerScope): number {
	return layer.config.output_sequence_length === null
		? -1
		: integer(layer, "output_sequence_length", -1);
}

/** Cut or filled with zeros along the last axis. */
function resized({ graph }: LayerScope, x: Value, length: number): Value {
	const rank = rankOf(x);
	const cut = sliced(graph, x, -1, [0, length]);
	const has = graph.op("StridedSlice", [
		graph.op("Shape", [cut]),
		graph.ints([rank - 1]),
		graph.ints([rank]),
		graph.ints([1]),
	]);
	const behind = graph.op("Sub", [graph.ints([length]), has]);
	const none = graph.ints(new Array<number>(2 * rank - 1).fill(0));
	const sides = graph.op("Reshape", [
		graph.op("ConcatV2", [none, behind, graph.scalar("int32", 0)]),
		graph.ints([rank, 2]),
	]);
	return graph.shaped(graph.op("Pad", [cut, sides]), [
		...(x.shape ?? []).slice(0, -1),
		length,
	]);
}

const PUNCTUATION = "[!\"#$%&()\\*\\+,-\\./:;<=>?@\\[\\\\\\]^_`{|}~\\']";

type Standard = (graph: GraphBuilder, x: Value) => Value;

const lower: Standard = (graph, x) => graph.op("StringLower", [x]);

const strip: Standard = (graph, x) =>
	graph.op("StaticRegexReplace", [x], { pattern: PUNCTUATION, rewrite: "" });

const STANDARDS: Readonly<Record<string, Standard>> = {
	lower,
	strip_punctuation: strip,
	lower_and_strip_punctuation: (graph, x) => strip(graph, lower(graph, x)),
};

function standardized({ layer, graph }: LayerScope, x: Flow): Value {
	const { standardize } = layer.config;
	if (standardize === null) return x;
	const name = standardize ?? "lower_and_strip_punctuation";
	if (typeof name !== "string" || !Object.hasOwn(STANDARDS, name))
		throw unsupported(layer, codeAs("standardize", name));
	return STANDARDS[name](graph, x);
}

/** The words of each text, and groups of them where those are wanted. */
function wordsOf(scope: LayerScope, x: Value): Value | Ragged {
	const { layer, graph } = scope;
	const { split, ngrams } = layer.config;
	const words = split === null ? x : splitTexts(scope, x);
	if (ngrams === null || ngrams === undefined) return words;
	const isMatrix = !("splits" in words);
	if (isMatrix && rankOf(words) !== 2)
		throw unsupported(layer, "it groups words of what is no matrix");
	const widths =
		typeof ngrams === "number"
			? Array.from({ length: ngrams }, (_, i) => i + 1)
			: integers(layer, "ngrams");
	const rows = isMatrix ? fromMatrix(graph, words) : words;
	const [values, splits] = graph.many(
		"StringNGrams",
		[rows.values, rows.splits],
		{
			separator: " ",
			ngram_widths: widths,
			left_pad: "",
			right_pad: "",
			pad_width: 0,
			preserve_short_sequences: false,
		},
	);
	const groups = {
		values: graph.shaped(values, [-1]),
		splits,
		rows: rows.rows,
	};
	return isMatrix ? toMatrix(graph, groups, blank(graph)) : groups;
}

function blank(graph: GraphBuilder): Value {
	return graph.constant({ dtype: "string", shape: [], data: [Buffer.of()] });
}

type Splitter = (graph: GraphBuilder, texts: Value) => Ragged;

/** At white space, several blanks being one. */
const atBlanks: Splitter = (graph, texts) => {
	const [indices, values, shape] = graph.many("StringSplitV2", [
		texts,
		blank(graph),
	]);
	const ids = graph.op(
		"StridedSlice",
		[indices, graph.ints([0, 0]), graph.ints([0, 1]), graph.ints([1, 1])],
		{ begin_mask: 1, end_mask: 1, shrink_axis_mask: 2 },
	);
	const count = graph.op(
		"StridedSlice",
		[shape, graph.ints([0]), graph.ints([1]), graph.ints([1])],
		{ shrink_axis_mask: 1 },
	);
	return fromRowIds(graph, values, {
		ids,
		count,
		rows: texts.shape?.[0] ?? -1,
	});
};

/** tf.strings.unicode_split: each code point is a text of its own. */
const intoCharacters: Splitter = (graph, texts) => {
	const [splits, points] = graph.many("UnicodeDecode", [texts], {
		input_encoding: "UTF-8",
	});
	const count = graph.op("Size", [points], { out_type: "int64" });
	const one = graph.scalar("int64", 1);
	const each = graph.op("Range", [
		graph.scalar("int64", 0),
		graph.op("AddV2", [count, one]),
		one,
	]);
	const values = graph.op("UnicodeEncode", [points, each], {
		output_encoding: "UTF-8",
	});
	return {
		values: graph.shaped(values, [-1]),
		splits,
		rows: texts.shape?.[0] ?? -1,
	};
};

const SPLITTERS: Readonly<Record<string, Splitter>> = {
	whitespace: atBlanks,
	character: intoCharacters,
};

function splitTexts({ layer, graph }: LayerScope, x: Value): Ragged {
	const name = layer.config.split ?? "whitespace";
	if (typeof name !== "string" || !Object.hasOwn(SPLITTERS, name))
		throw unsupported(layer, codeAs("split", name));
	if (rankOf(x) > 2 || (rankOf(x) === 2 && x.shape?.[1] !== 1))
		throw unsupported(layer, "it splits more than one text a row");
	const texts =
		rankOf(x) === 2 ? graph.op("Squeeze", [x], { squeeze_dims: [-1] }) : x;
	return SPLITTERS[name](graph, texts);
}

function codeAs(name: string, value: unknown): string {
	return typeof value === "string"
		? `its ${name} is "${value}"`
		: `its ${name} is a function, whose code is not in the file`;
}

export const TEXT_LAYERS: Readonly<Record<string, LayerEntry>> = {
	TextVectorization: textVectorization,
};
