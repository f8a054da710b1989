import { create } from "@bufbuild/protobuf";
import type { GraphDef, NodeDef } from "../../gen/graph_pb.js";
import {
	type SignatureDef,
	SignatureDefSchema,
	type TensorInfo,
	TensorInfoSchema,
} from "../../gen/saved_model_pb.js";
import { fail } from "../errors.js";
import { nearest, quoted } from "../nearest.js";
import { opDef, outputTypes } from "../ops/opdef.js";
import { DTYPES } from "../tensor/dtype.js";
import { readAttrs } from "./attr-values.js";
import { parseReference } from "./scope.js";

/** What a graph without signatures takes and gives, by names of tensors: `x` or `x:0`. */
export interface NodePorts {
	/** All placeholders without it. */
	readonly inputs?: readonly string[] | undefined;
	/** Without it all nodes that nothing else uses. */
	readonly outputs?: readonly string[] | undefined;
}

/** A signature whose names are those of nodes. Fails with INVALID for nodes that the graph does not have. */
export function nodeSignature(
	graph: GraphDef,
	{ inputs, outputs }: NodePorts,
): SignatureDef {
	const nodes = new Map(graph.node.map((node) => [node.name, node]));
	const infos = (side: string, names: readonly string[]) =>
		Object.fromEntries(
			names.map((name) => [name.replace(/:0$/, ""), infoOf(side, name, nodes)]),
		);
	return create(SignatureDefSchema, {
		methodName: "tensorflow/serving/predict",
		inputs: infos("input", inputs ?? placeholders(graph)),
		outputs: infos("output", outputs ?? leaves(graph)),
	});
}

function placeholders({ node }: GraphDef): readonly string[] {
	return node
		.filter(({ op }) => op.startsWith("Placeholder"))
		.map(({ name }) => name);
}

/** Nodes that no other takes as an input, but those that give nothing. */
export function leaves({ node }: Pick<GraphDef, "node">): readonly string[] {
	const used = new Set(
		node.flatMap(({ input }) => input.map((value) => nodeOf(value))),
	);
	return node
		.filter(({ name, op }) => !used.has(name) && !NO_VALUE.has(op))
		.map(({ name }) => name);
}

/** What a graph ends in without giving anything. */
const NO_VALUE: ReadonlySet<string> = new Set(["NoOp", "Const", "Assert"]);

/** `conv` of `conv:1` and of `^conv`. */
function nodeOf(value: string): string {
	return parseReference(value).node;
}

function infoOf(
	side: string,
	name: string,
	nodes: ReadonlyMap<string, NodeDef>,
): TensorInfo {
	const { node: wanted, index = 0 } = parseReference(name);
	const node = nodes.get(wanted);
	if (node === undefined)
		throw fail(
			"INVALID",
			`cannot find ${side} "${name}": nearest of the graph's nodes are ${quoted(nearest(wanted, nodes.keys()))}`,
			{ at: { [side]: name } },
		);
	const definition = opDef(node.op);
	const types =
		definition === undefined
			? []
			: outputTypes(definition, readAttrs(node, definition, {}));
	const shape = node.attr.shape?.value;
	return create(TensorInfoSchema, {
		encoding: { case: "name", value: `${wanted}:${index}` },
		dtype: DTYPES[types[index] ?? "float32"].tf,
		tensorShape: shape?.case === "shape" ? shape.value : { unknownRank: true },
	});
}
