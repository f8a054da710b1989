import type { DType } from "../../../tensor/dtype.js";
import { DTYPES } from "../../../tensor/dtype.js";
import { flowOf } from "../../call.js";
import type { LayerEntry, LayerScope } from "../../entry.js";
import type { Value } from "../../graph/builder.js";
import { rankOf } from "../../graph/shape.js";
import type { Layer } from "../../model.js";
import { integer, numbers, unsupported } from "../../settings.js";
import { encoded, outputMode } from "./encoding.js";
import { hashBucket, saltOf } from "./index-lookup.js";
import { quantiles } from "./quantiles.js";

/** keras layers/preprocessing/hashing.py: the hash of each value's text. */
const hashing: LayerEntry = {
	mask: "ends",
	asGiven: true,
	emit: (scope) => {
		const { layer, graph, policy, inputs } = scope;
		const [x] = inputs;
		const bins = integer(layer, "num_bins");
		const mask = layer.config.mask_value ?? null;
		const hasMask = mask !== null && bins > 1;
		const hashed = hashBucket(
			graph,
			textOf(scope, x),
			hasMask ? bins - 1 : bins,
			saltOf(layer),
		);
		const places = hasMask
			? graph.op("SelectV2", [
					graph.op("Equal", [x, numberOrText(scope, x.dtype, mask)]),
					graph.scalar("int64", 0),
					graph.op("AddV2", [hashed, graph.scalar("int64", 1)]),
				])
			: hashed;
		return encoded(scope, places, {
			mode: outputMode(scope),
			depth: bins,
			dtype: policy.compute,
		});
	},
};

function textOf({ graph }: LayerScope, x: Value): Value {
	if (x.dtype === "string") return x;
	const { kind } = DTYPES[x.dtype];
	const isFloat = kind === "float" || kind === "half";
	return graph.op("AsString", [isFloat ? graph.cast(x, "int64") : x]);
}

function numberOrText(
	{ layer, graph }: LayerScope,
	dtype: DType,
	value: unknown,
): Value {
	if (dtype === "string")
		return graph.constant({
			dtype,
			shape: [],
			data: [Buffer.from(String(value))],
		});
	if (typeof value !== "number")
		throw unsupported(layer, `its mask_value is ${JSON.stringify(value)}`);
	return graph.scalar(dtype, value);
}

/** What `tf.sparse.cross_hashed` hashes by if nobody says otherwise (sparse_ops.py, _DEFAULT_HASH_KEY). */
const HASH_KEY = 0xdecafcaffe;

/** keras layers/preprocessing/hashed_crossing.py: one hash of what stands in a row of all inputs. */
const hashedCrossing: LayerEntry = {
	mask: "ends",
	asGiven: true,
	emit: (scope) => {
		const { layer, graph, policy, inputs } = scope;
		const rank = rankOf(inputs[0]);
		if (rank > 2 || (rank === 2 && inputs[0].shape?.[1] !== 1))
			throw unsupported(layer, "its inputs are no columns");
		const columns = inputs.map((x) =>
			graph.op("Reshape", [
				x.dtype === "string" ? x : graph.cast(x, "int64"),
				graph.ints([-1, 1]),
			]),
		);
		const types = columns.map(({ dtype }) => dtype);
		const [, values] = graph.many("SparseCross", columns, {
			N: 0,
			sparse_types: [],
			dense_types: types,
			hashed_output: true,
			num_buckets: integer(layer, "num_bins"),
			hash_key: HASH_KEY,
			out_type: "int64",
			internal_type: types.includes("int64") ? "int64" : "string",
		});
		const shape = inputs[0].shape ?? [];
		const places = graph.shaped(
			graph.op("Reshape", [values, graph.op("Shape", [inputs[0]])]),
			shape,
		);
		return encoded(scope, places, {
			mode: outputMode(scope),
			depth: integer(layer, "num_bins"),
			dtype: policy.compute,
		});
	},
};

/** Keras 2 keeps what it learned as a summary, and no boundaries. */
function learnsInWeights(layer: Layer): boolean {
	return layer.generation === 2 && layer.config.num_bins !== null;
}

/** keras layers/preprocessing/discretization.py: between which boundaries a number lies. */
const discretization: LayerEntry = {
	mask: "ends",
	asGiven: true,
	weights: (layer) =>
		learnsInWeights(layer) ? [{ name: "summary", trainable: false }] : [],
	emit: (scope) => {
		const { layer, graph, policy, inputs } = scope;
		const boundaries = learnsInWeights(layer)
			? quantiles(
					scope.stored("summary", [2, -1]).read(),
					integer(layer, "num_bins"),
				)
			: numbers(layer, "bin_boundaries")?.values;
		if (boundaries === undefined)
			throw unsupported(layer, "it has no bin_boundaries: adapt it first");
		const x = countableInput(scope, inputs[0]);
		const bucket = graph.op("Bucketize", [x], {
			boundaries: boundaries.map(Math.fround),
		});
		const places = graph.shaped(bucket, x.shape);
		const mode = outputMode(scope);
		return encoded(scope, places, {
			mode,
			depth: boundaries.length + 1,
			dtype:
				mode === "int" && layer.generation === 3 ? "int32" : policy.compute,
		});
	},
};

/** keras backend/tensorflow/numpy.py, digitize: the types that `Bucketize` takes. */
function countableInput({ graph }: LayerScope, x: Value): Value {
	const { kind, bytes } = DTYPES[x.dtype];
	if (kind === "half") return graph.cast(x, "float32");
	if (kind === "float" || kind === "bigint") return x;
	return graph.cast(x, x.dtype === "uint32" && bytes === 4 ? "int64" : "int32");
}

/** keras layers/preprocessing/category_encoding.py */
const categoryEncoding: LayerEntry = {
	mask: "ends",
	asGiven: true,
	emit: (scope) => {
		const { layer, policy, inputs, call } = scope;
		const given = call.args.length > 1 || "count_weights" in call.kwargs;
		return encoded(scope, inputs[0], {
			mode: outputMode(scope, "multi_hot"),
			depth: integer(layer, "num_tokens"),
			dtype: policy.compute,
			weights: given ? flowOf(call, 1, "count_weights") : undefined,
		});
	},
};

export const FEATURE_LAYERS: Readonly<Record<string, LayerEntry>> = {
	Hashing: hashing,
	HashedCrossing: hashedCrossing,
	Discretization: discretization,
	CategoryEncoding: categoryEncoding,
};
