import {
	dtypesAttr,
	intAttr,
	shapesAttr,
	stringsAttr,
} from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import type { DType } from "../../tensor/dtype.js";
import type { Shape, Tensor } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import { type Feature, readExamples } from "./example-reader.js";
import {
	type DenseFeature,
	denseTensor,
	raggedTensors,
	sparseTensors,
} from "./example-tensors.js";
import { batchOf, featuresOf, keysOf, textKeys } from "./keys.js";

/** What a model wants of examples; the outputs of its op come in this order. */
interface Wanted {
	readonly sparse: readonly Feature[];
	readonly dense: readonly DenseFeature[];
	readonly ragged: readonly (Feature & { readonly splits: DType })[];
}

const parseExample: HostKernel = (node, [serialized, names, ...inputs]) => {
	const sparse = intAttr(node, "Nsparse");
	const dense = intAttr(node, "Ndense");
	return parse(serialized, names, {
		sparse: featuresOf(
			keysOf(inputs.slice(0, sparse)),
			dtypesAttr(node, "sparse_types"),
		),
		dense: denseFeatures(
			node,
			keysOf(inputs.slice(sparse, sparse + dense)),
			inputs.slice(sparse + dense),
		),
		ragged: [],
	});
};

const parseExampleV2: HostKernel = (
	node,
	[serialized, names, sparseKeys, denseKeys, raggedKeys, ...defaults],
) => {
	const splits = dtypesAttr(node, "ragged_split_types");
	return parse(serialized, names, {
		sparse: featuresOf(keysOf([sparseKeys]), dtypesAttr(node, "sparse_types")),
		dense: denseFeatures(node, keysOf([denseKeys]), defaults),
		ragged: featuresOf(
			keysOf([raggedKeys]),
			dtypesAttr(node, "ragged_value_types"),
		).map((feature, i) => ({ ...feature, splits: splits[i] })),
	});
};

const parseSingleExample: HostKernel = (node, [serialized, ...defaults]) =>
	parse(serialized, undefined, {
		sparse: featuresOf(
			textKeys(stringsAttr(node, "sparse_keys")),
			dtypesAttr(node, "sparse_types"),
		),
		dense: denseFeatures(
			node,
			textKeys(stringsAttr(node, "dense_keys")),
			defaults,
		),
		ragged: [],
	});

/** tf.Example messages into tensors (core/util/example_proto_fast_parsing.cc). */
export const exampleRows = {
	ParseExample: parseExample,
	ParseExampleV2: parseExampleV2,
	ParseSingleExample: parseSingleExample,
} as const;

function denseFeatures(
	node: Node,
	keys: readonly string[],
	defaults: readonly Tensor[],
): readonly DenseFeature[] {
	const shapes: readonly Shape[] = shapesAttr(node, "dense_shapes");
	return featuresOf(keys, dtypesAttr(node, "Tdense")).map((feature, i) => ({
		...feature,
		shape: shapes[i],
		fallback: defaults[i],
	}));
}

/** A scalar is one example, whose outputs have no batch dimension. */
function parse(
	serialized: Tensor,
	names: Tensor | undefined,
	{ sparse, dense, ragged }: Wanted,
): readonly Tensor[] {
	const batch = batchOf(serialized, names);
	const isScalar = serialized.shape.length === 0;
	const columns = readExamples(batch, [...sparse, ...dense, ...ragged]);
	const [denseStart, raggedStart] = [
		sparse.length,
		sparse.length + dense.length,
	];
	const sparseOutputs = columns
		.slice(0, denseStart)
		.map((column) => sparseTensors(column, isScalar));
	const denseOutputs = dense.map((feature, i) =>
		denseTensor(batch, columns[denseStart + i], feature, isScalar),
	);
	const raggedOutputs = ragged.map(({ splits }, i) =>
		raggedTensors(columns[raggedStart + i], splits, isScalar),
	);
	return [
		...sparseOutputs.map(([indices]) => indices),
		...sparseOutputs.map(([, values]) => values),
		...sparseOutputs.map(([, , shape]) => shape),
		...denseOutputs,
		...raggedOutputs.map(([values]) => values),
		...raggedOutputs.map(([, splits]) => splits),
	];
}
