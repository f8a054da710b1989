import { createHash } from "node:crypto";
import type { DType } from "../../../tensor/dtype.js";
import type { Tensor } from "../../../tensor/tensor.js";
import type { LayerEntry, LayerScope } from "../../entry.js";
import type { Value } from "../../graph/builder.js";
import type { Json } from "../../json.js";
import type { Layer } from "../../model.js";
import { flag, integer, integers, unsupported } from "../../settings.js";
import { encoded, outputMode } from "./encoding.js";
import {
	depthOf,
	rarities,
	type Specials,
	type Vocabulary,
	vocabularyOf,
	vocabularyWeights,
} from "./vocabulary.js";

/** How a layer finds the place of a word: by a table of the words, others by their hash. */
export interface Lookup extends Specials {
	readonly key: DType;
	readonly vocabulary: Vocabulary;
	readonly isInverse: boolean;
}

/** Words or numbers that stand in a list, as their places there (keras layers/preprocessing/index_lookup.py). */
function indexLookup(key: DType): LayerEntry {
	return {
		mask: "ends",
		asGiven: true,
		weights: (layer) => vocabularyWeights(layer, outputMode({ layer })),
		emit: (scope) => {
			const { layer, graph } = scope;
			const mode = outputMode(scope);
			const specials = {
				mask: layer.config.mask_token ?? null,
				unknown: layer.config.oov_token ?? (key === "string" ? "[UNK]" : -1),
				unknowns: integer(layer, "num_oov_indices", 1),
				mode,
			};
			const lookup = {
				...specials,
				key,
				vocabulary: vocabularyOf(scope, specials),
				isInverse: flag(layer, "invert", false),
			};
			const x = graph.cast(scope.inputs[0], lookup.isInverse ? "int64" : key);
			const places = lookedUp(scope, lookup, x);
			if (mode === "int") return places;
			return encodedWords(scope, lookup, (countMode, depth) =>
				encoded(scope, places, {
					mode: countMode,
					depth,
					dtype: layer.generation === 2 ? "float32" : "int64",
				}),
			);
		},
	};
}

/** Counts words, each weighed by how rare it is where that is wanted. */
export function encodedWords(
	scope: LayerScope,
	{ mode, vocabulary }: Lookup,
	encode: (mode: string, depth: number) => Value,
): Value {
	const { layer, graph } = scope;
	const depth = depthOf(layer, vocabulary);
	if (mode !== "tf_idf") return encode(mode, depth);
	const weights = rarities(scope, vocabulary, depth);
	return graph.op("Mul", [
		graph.cast(encode("count", depth), "float32"),
		graph.array("float32", [depth], weights),
	]);
}

/** The place of each word, or the word at each place. */
export function lookedUp(scope: LayerScope, lookup: Lookup, x: Value): Value {
	const { graph } = scope;
	const { key, mask, mode, unknown, unknowns, vocabulary, isInverse } = lookup;
	const start = vocabulary.start - unknowns;
	const fallback = isInverse
		? single(scope, key, unknown)
		: single(scope, "int64", unknowns === 1 ? start : -1);
	const table = scope.once("table", () => tableOf(scope, lookup));
	const found = graph.op("LookupTableFindV2", [table, x, fallback], {
		Tin: isInverse ? "int64" : key,
		Tout: isInverse ? key : "int64",
	});
	const masked =
		mask === null
			? found
			: graph.op("SelectV2", [
					graph.op("Equal", [
						x,
						isInverse ? single(scope, "int64", 0) : single(scope, key, mask),
					]),
					isInverse
						? single(scope, key, mask)
						: maskPlace(scope, mode === "int"),
					found,
				]);
	if (isInverse || unknowns < 2) return graph.shaped(masked, x.shape);
	const hashed = graph.op("AddV2", [
		bucketOf(scope, lookup, x),
		graph.scalar("int64", start),
	]);
	const isUnknown = graph.op("Equal", [masked, graph.scalar("int64", -1)]);
	return graph.op("SelectV2", [isUnknown, hashed, masked]);
}

/** What is masked is at the first place, or is not counted. */
function maskPlace({ graph }: LayerScope, isPlace: boolean): Value {
	return graph.constant({
		dtype: "int64",
		shape: [],
		data: BigInt64Array.of(isPlace ? 0n : 2n ** 63n - 1n),
	});
}

/** A table of constants. Its name says what is in it, as models that run in one process share tables by their names. */
function tableOf(scope: LayerScope, lookup: Lookup): Value {
	const { layer, graph } = scope;
	const { key, vocabulary, isInverse } = lookup;
	const { tokens, start } = vocabulary;
	const words = listOf(key, tokens);
	const places: Tensor = {
		dtype: "int64",
		shape: [tokens.length],
		data: BigInt64Array.from(tokens, (_, i) => BigInt(start + i)),
	};
	const [keys, values] = isInverse ? [places, words] : [words, places];
	const digest = createHash("sha256")
		.update(JSON.stringify([key, isInverse, start, tokens]))
		.digest("hex");
	const [table] = graph.many("HashTableV2", [], {
		key_dtype: keys.dtype,
		value_dtype: values.dtype,
		shared_name: `${layer.name}_${digest.slice(0, 32)}`,
	});
	graph.initialize(
		"LookupTableImportV2",
		[table, graph.constant(keys), graph.constant(values)],
		{ Tin: keys.dtype, Tout: values.dtype },
	);
	return table;
}

/** Which of the places of unknown words it is. */
function bucketOf(
	{ layer, graph }: LayerScope,
	{ key, unknowns }: Lookup,
	x: Value,
): Value {
	if (key !== "string" && layer.config.oov_method !== "farmhash")
		return graph.op("FloorMod", [x, graph.scalar("int64", unknowns)]);
	const text = key === "string" ? x : graph.op("AsString", [x]);
	return hashBucket(graph, text, unknowns, saltOf(layer));
}

/** FarmHash, or SipHash with a salt. */
export function hashBucket(
	graph: LayerScope["graph"],
	text: Value,
	count: number,
	salt: readonly number[] | undefined,
): Value {
	return salt === undefined
		? graph.op("StringToHashBucketFast", [text], { num_buckets: count })
		: graph.op("StringToHashBucketStrong", [text], {
				num_buckets: count,
				key: salt,
			});
}

/** Two numbers, or one that stands for both; undefined where there is none. */
export function saltOf(layer: Layer): readonly number[] | undefined {
	const { salt } = layer.config;
	if (salt === null || salt === undefined) return undefined;
	return integers(layer, "salt", 2);
}

function single({ layer, graph }: LayerScope, dtype: DType, value: Json) {
	if (dtype === "string")
		return graph.constant({
			dtype,
			shape: [],
			data: [Buffer.from(String(value ?? ""))],
		});
	if (!Number.isSafeInteger(value))
		throw unsupported(layer, `one of its tokens is ${JSON.stringify(value)}`);
	return graph.scalar(dtype, Number(value));
}

function listOf(dtype: DType, tokens: readonly string[]): Tensor {
	const shape = [tokens.length];
	return dtype === "string"
		? { dtype, shape, data: tokens.map((text) => Buffer.from(text)) }
		: { dtype, shape, data: BigInt64Array.from(tokens, BigInt) };
}

export const LOOKUP_LAYERS: Readonly<Record<string, LayerEntry>> = {
	StringLookup: indexLookup("string"),
	IntegerLookup: indexLookup("int64"),
};
