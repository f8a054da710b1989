import { type Constant, heldConstant } from "../../tensor/constant.js";
import { convertTensor, numbersOf } from "../../tensor/convert.js";
import { DTYPES } from "../../tensor/dtype.js";
import type { OnnxGraph, OnnxInitializer, OnnxNode } from "./graph.js";
import { livingGraph } from "./liveness.js";

/**
 * A graph whose zeros around the pictures of max pools stay zeros. ONNX Runtime makes them the pool's own padding, which counts for
 * nothing, where they may be the greatest; it leaves a constant whose bytes are not all zero (core/optimizer/pad_fusion.cc), and
 * the zero below zero is none.
 */
export function withZerosOfPools(graph: OnnxGraph): OnnxGraph {
	const constants = new Map(
		graph.initializers.map(({ name, constant }) => [name, constant]),
	);
	const pooled = pooledValues(graph.nodes);
	const added: OnnxInitializer[] = [];
	const nodes = graph.nodes.map((node) => {
		const [value, pads, zero, ...axes] = node.inputs;
		if (node.op !== "Pad" || !pooled.has(node.outputs[0])) return node;
		const constant = constants.get(zero);
		if (constant === undefined || !isFloatZero(constant)) return node;
		const name = `${node.outputs[0]}/zero`;
		added.push({ name, constant: belowZero(constant) });
		return { ...node, inputs: [value, pads, name, ...axes] };
	});
	if (added.length === 0) return graph;
	const initializers = [...graph.initializers, ...added];
	return livingGraph({ ...graph, nodes, initializers });
}

/** What max pools take, and what is only turned on its way there. */
function pooledValues(nodes: readonly OnnxNode[]): ReadonlySet<string> {
	const pooled = new Set<string>();
	for (const { op, inputs, outputs } of nodes.toReversed())
		if (op === "MaxPool" || (op === "Transpose" && pooled.has(outputs[0])))
			pooled.add(inputs[0]);
	return pooled;
}

function isFloatZero(constant: Constant): boolean {
	const { kind } = DTYPES[constant.dtype];
	if (kind !== "float" && kind !== "half") return false;
	return Array.from(numbersOf(constant.read()), Number).every(
		(one) => one === 0,
	);
}

function belowZero({ dtype, shape }: Constant): Constant {
	const zero = { dtype: "float64", shape, data: Float64Array.of(-0) } as const;
	return heldConstant(convertTensor(zero, dtype));
}
