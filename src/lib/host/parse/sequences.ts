import {
	dtypesAttr,
	intAttr,
	shapesAttr,
	stringsAttr,
} from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import type { DType } from "../../tensor/dtype.js";
import { numberTensor } from "../../tensor/numbers.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import {
	type Feature,
	type FeatureColumn,
	readSequences,
} from "./example-reader.js";
import {
	type DenseFeature,
	denseTensor,
	raggedTensors,
	sparseTensors,
} from "./example-tensors.js";
import { batchOf, featuresOf, keysOf, textKeys } from "./keys.js";
import {
	type DenseList,
	denseList,
	raggedList,
	sparseList,
} from "./list-tensors.js";

type RaggedFeature = Feature & { readonly splits: DType };

/** What a model wants of sequence examples. */
interface Wanted {
	readonly sparse: readonly Feature[];
	readonly dense: readonly DenseFeature[];
	readonly ragged: readonly RaggedFeature[];
	readonly sparseLists: readonly Feature[];
	readonly denseLists: readonly DenseList[];
	readonly raggedLists: readonly RaggedFeature[];
}

/** The keys of every kind of feature, in the order of `Wanted`, and which dense lists may be missing. */
interface Keys {
	readonly sparse: readonly string[];
	readonly dense: readonly string[];
	readonly ragged: readonly string[];
	readonly sparseLists: readonly string[];
	readonly denseLists: readonly string[];
	readonly raggedLists: readonly string[];
	mayMiss(key: string, index: number): boolean;
}

const parseSequenceV2: HostKernel = (
	node,
	[
		serialized,
		names,
		sparse,
		dense,
		ragged,
		sparseLists,
		denseLists,
		raggedLists,
		assumedEmpty,
		...defaults
	],
) => {
	const wanted = wantedOf(node, defaults, {
		sparse: keysOf([sparse]),
		dense: keysOf([dense]),
		ragged: keysOf([ragged]),
		sparseLists: keysOf([sparseLists]),
		denseLists: keysOf([denseLists]),
		raggedLists: keysOf([raggedLists]),
		mayMiss: (_, i) => Boolean(assumedEmpty.data[i]),
	});
	return parse(serialized, names, wanted).all;
};

const parseSequence: HostKernel = (node, [serialized, names, ...defaults]) => {
	const keys = (name: string) => textKeys(stringsAttr(node, name));
	const missing = keys("feature_list_dense_missing_assumed_empty");
	const wanted = wantedOf(node, defaults, {
		sparse: keys("context_sparse_keys"),
		dense: keys("context_dense_keys"),
		ragged: [],
		sparseLists: keys("feature_list_sparse_keys"),
		denseLists: keys("feature_list_dense_keys"),
		raggedLists: [],
		mayMiss: (key) => missing.includes(key),
	});
	return parse(serialized, names, wanted).all;
};

const parseSingleSequence: HostKernel = (
	node,
	[serialized, assumedEmpty, ...inputs],
) => {
	let at = 0;
	const keys = (count: string) => {
		const start = at;
		at += intAttr(node, count);
		return keysOf(inputs.slice(start, at));
	};
	const missing = keysOf([assumedEmpty]);
	const given = {
		sparse: keys("Ncontext_sparse"),
		dense: keys("Ncontext_dense"),
		ragged: [],
		sparseLists: keys("Nfeature_list_sparse"),
		denseLists: keys("Nfeature_list_dense"),
		raggedLists: [],
		mayMiss: (key: string) => missing.includes(key),
	};
	const wanted = wantedOf(node, inputs.slice(at, -1), given);
	return parse(serialized, undefined, wanted).withoutLengths;
};

/** tf.SequenceExample messages into tensors (core/util/example_proto_fast_parsing.cc). */
export const sequenceRows = {
	ParseSequenceExample: parseSequence,
	ParseSequenceExampleV2: parseSequenceV2,
	ParseSingleSequenceExample: parseSingleSequence,
} as const;

function wantedOf(node: Node, defaults: readonly Tensor[], keys: Keys): Wanted {
	const types = (name: string) => dtypesAttr(node, name);
	const shapes = (name: string) => shapesAttr(node, name);
	const ragged = (
		names: readonly string[],
		prefix: string,
	): readonly RaggedFeature[] => {
		if (names.length === 0) return [];
		const splits = types(`${prefix}_ragged_split_types`);
		return featuresOf(names, types(`${prefix}_ragged_value_types`)).map(
			(feature, i) => ({ ...feature, splits: splits[i] }),
		);
	};
	return {
		sparse: featuresOf(keys.sparse, types("context_sparse_types")),
		dense: featuresOf(keys.dense, types("Tcontext_dense")).map(
			(feature, i) => ({
				...feature,
				shape: shapes("context_dense_shapes")[i],
				fallback: defaults[i],
			}),
		),
		ragged: ragged(keys.ragged, "context"),
		sparseLists: featuresOf(
			keys.sparseLists,
			types("feature_list_sparse_types"),
		),
		denseLists: featuresOf(
			keys.denseLists,
			types("feature_list_dense_types"),
		).map((feature, i) => ({
			...feature,
			shape: shapes("feature_list_dense_shapes")[i],
			mayMiss: keys.mayMiss(feature.key, i),
		})),
		raggedLists: ragged(keys.raggedLists, "feature_list"),
	};
}

/** The op for one example has no output for the lengths of dense lists. */
interface Outputs {
	readonly all: readonly Tensor[];
	readonly withoutLengths: readonly Tensor[];
}

function parse(
	serialized: Tensor,
	names: Tensor | undefined,
	wanted: Wanted,
): Outputs {
	const batch = batchOf(serialized, names);
	const isScalar = serialized.shape.length === 0;
	const { sparse, dense, ragged } = wanted;
	const { sparseLists, denseLists, raggedLists } = wanted;
	const [contexts, lists] = readSequences(
		batch,
		[...sparse, ...dense, ...ragged],
		[...sparseLists, ...denseLists, ...raggedLists],
	);
	const context = [...contexts];
	const list = [...lists];
	const contextOutputs = [
		...columnwise(
			context
				.splice(0, sparse.length)
				.map((column) => sparseTensors(column, isScalar)),
			3,
		),
		...context
			.splice(0, dense.length)
			.map((column, i) => denseTensor(batch, column, dense[i], isScalar)),
		...columnwise(
			context.map((column, i) =>
				contextRagged(column, ragged[i].splits, isScalar),
			),
			2,
		),
	];
	const sparseOutputs = columnwise(
		list
			.splice(0, sparseLists.length)
			.map((column) => sparseList(column, isScalar)),
		3,
	);
	const denseOutputs = list
		.splice(0, denseLists.length)
		.map((column, i) => denseList(batch, column, denseLists[i], isScalar));
	const raggedOutputs = columnwise(
		list.map((column, i) =>
			raggedList(column, raggedLists[i].splits, isScalar),
		),
		3,
	);
	const before = [
		...contextOutputs,
		...sparseOutputs,
		...denseOutputs.map(([values]) => values),
	];
	return {
		all: [
			...before,
			...denseOutputs.map(([, lengths]) => lengths),
			...raggedOutputs,
		],
		withoutLengths: [...before, ...raggedOutputs],
	};
}

/** Where an example alone has no splits, this op's output for them is a scalar without meaning. */
function contextRagged(
	column: FeatureColumn,
	splits: DType,
	isScalar: boolean,
): readonly [Tensor, Tensor] {
	const [values, found] = raggedTensors(column, splits, isScalar);
	return [values, isScalar ? numberTensor(splits, 0) : found];
}

/** First the first tensors of all features, then the second ones: how outputs are listed. */
function columnwise(
	tensors: readonly (readonly Tensor[])[],
	width: number,
): readonly Tensor[] {
	return Array.from({ length: width }, (_, i) =>
		tensors.map((row) => row[i]),
	).flat();
}
