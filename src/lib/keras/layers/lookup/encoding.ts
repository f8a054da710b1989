import type { DType } from "../../../tensor/dtype.js";
import type { Flow, LayerScope } from "../../entry.js";
import type { Value } from "../../graph/builder.js";
import { rankOf } from "../../graph/shape.js";
import { unsupported, word } from "../../settings.js";
import type { Ragged } from "./ragged.js";

export interface Encoding {
	readonly mode: string;
	/** The length of the last axis. */
	readonly depth: number;
	readonly dtype: DType;
	/** What each element counts; one without it. */
	readonly weights?: Value | undefined;
}

/** Other names of the same in Keras 2. */
const ALIASES: Readonly<Record<string, string>> = {
	binary: "multi_hot",
	"tf-idf": "tf_idf",
};

/** `int`, `one_hot`, `multi_hot`, `count` or `tf_idf`; fails with UNSUPPORTED for another one, and for sparse results. */
export function outputMode(
	{ layer }: Pick<LayerScope, "layer">,
	usual = "int",
) {
	const mode = word(layer, "output_mode", usual);
	const plain = Object.hasOwn(ALIASES, mode) ? ALIASES[mode] : mode;
	if (layer.config.sparse === true)
		throw unsupported(layer, "its results are sparse");
	if (!["int", "one_hot", "multi_hot", "count", "tf_idf"].includes(plain))
		throw unsupported(layer, `its output_mode is "${mode}"`);
	return plain;
}

/** keras utils/numerical_utils.py, encode_categorical_inputs: places of categories as they are, or as rows of zeros and ones. */
export function encoded(
	scope: LayerScope,
	given: Flow,
	{ mode, depth, dtype, weights }: Encoding,
): Value {
	const { graph } = scope;
	if (mode === "int") return graph.cast(given, dtype);
	const x = rankOf(given) === 0 ? lifted(scope, given) : given;
	if (mode === "one_hot") {
		const isColumn = rankOf(x) > 1 && x.shape?.at(-1) === 1;
		const flat = isColumn
			? graph.op("Squeeze", [x], { squeeze_dims: [-1] })
			: x;
		return hot(scope, flat, depth, dtype);
	}
	if (rankOf(x) > 2) {
		const axis = graph.ints([1]);
		const rows = hot(scope, x, depth, dtype);
		return graph.op(mode === "multi_hot" ? "Max" : "Sum", [rows, axis]);
	}
	const type = countable(dtype);
	const whole =
		x.dtype === "int32" || x.dtype === "int64" ? x : graph.cast(x, "int32");
	const counted = graph.op(
		"DenseBincount",
		[
			whole,
			graph.scalar(whole.dtype, depth),
			weights === undefined
				? graph.array(type, [0], [])
				: graph.cast(weights, type),
		],
		{ binary_output: mode === "multi_hot" },
	);
	const shape = [...(x.shape ?? []).slice(0, -1), depth];
	return graph.cast(graph.shaped(counted, shape), dtype);
}

/** The same for rows of several lengths: `multi_hot` or `count`. */
export function encodedRagged(
	scope: LayerScope,
	{ values, splits, rows }: Ragged,
	{ mode, depth, dtype }: Encoding,
): Value {
	const { graph, layer } = scope;
	if (mode !== "multi_hot" && mode !== "count")
		throw unsupported(layer, `its output_mode is "${mode}" for texts`);
	const counted = graph.op(
		"RaggedBincount",
		[
			splits,
			values,
			graph.scalar(values.dtype, depth),
			graph.array(countable(dtype), [0], []),
		],
		{ binary_output: mode === "multi_hot" },
	);
	return graph.cast(graph.shaped(counted, [rows, depth]), dtype);
}

/** In which TensorFlow counts. */
function countable(dtype: DType): DType {
	return ["int32", "int64", "float64"].includes(dtype) ? dtype : "float32";
}

function hot(
	{ graph }: LayerScope,
	x: Value,
	depth: number,
	dtype: DType,
): Value {
	const places =
		x.dtype === "int32" || x.dtype === "int64" ? x : graph.cast(x, "int32");
	return graph.op("OneHot", [
		places,
		graph.scalar("int32", depth),
		graph.scalar(dtype, 1),
		graph.scalar(dtype, 0),
	]);
}

function lifted({ graph }: LayerScope, x: Value): Value {
	return graph.op("ExpandDims", [x, graph.scalar("int32", -1)]);
}
