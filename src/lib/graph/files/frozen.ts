import { type GraphDef, GraphDefSchema } from "../../../gen/graph_pb.js";
import { fail } from "../../errors.js";
import { readWhole } from "../../formats/file.js";
import { decodeMessage } from "../../formats/protobuf.js";
import { DEFAULT_SIGNATURE } from "../../savedmodel/signature.js";
import type { GraphSource } from "../../savedmodel/write/model.js";
import { type NodePorts, nodeSignature } from "../node-ports.js";

/** Protobuf's own limit of a message. */
const MAX_BYTES = 2 ** 31 - 1;

/**
 * A graph of TensorFlow 1 whose variables are constants. Its signature has the names of nodes. Fails with CORRUPT where the file
 * is none, with INVALID for nodes that it does not have.
 */
export function readFrozenGraph(path: string, ports: NodePorts): GraphSource {
	const graph = decodeMessage(GraphDefSchema, readWhole(path, MAX_BYTES), path);
	if (graph.node.length === 0)
		throw fail("CORRUPT", `cannot read ${path}: it holds no graph`, {
			at: { file: path },
		});
	return {
		...partsOf(graph),
		signatures: { [DEFAULT_SIGNATURE]: nodeSignature(graph, ports) },
	};
}

/** A graph as it was written, constants in their nodes. */
export function partsOf(
	graph: GraphDef,
): Pick<GraphSource, "nodes" | "constants" | "functions" | "producer"> {
	return {
		nodes: graph.node,
		constants: new Map(),
		functions: graph.library?.function ?? [],
		producer: graph.versions?.producer ?? 0,
	};
}
