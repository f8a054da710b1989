import type { Graph, Node, Program } from "../../../src/lib/graph/ir.js";
import type { DType } from "../../../src/lib/tensor/dtype.js";
import type { Shape } from "../../../src/lib/tensor/tensor.js";
import { int } from "../../one-node.js";
import { constantOf, program } from "./programs.js";

type PortSpec = readonly [value: string, dtype: DType, shape?: Shape];

/** A graph whose ports are called as their values. */
export function graph(
	inputs: readonly PortSpec[],
	nodes: readonly Node[],
	outputs: readonly PortSpec[],
): Graph {
	const ports = (specs: readonly PortSpec[]) =>
		specs.map(([value, dtype, shape]) => ({
			name: value,
			value,
			dtype,
			shape,
		}));
	return { inputs: ports(inputs), nodes, outputs: ports(outputs) };
}

/** A node with outputs `name:0` to `name:count - 1`. */
export function withOutputs(node: Node, count: number): Node {
	const outputs = Array.from({ length: count }, (_, i) => `${node.name}:${i}`);
	return { ...node, outputs };
}

/** An int32 scalar. */
export function number(name: string, value: number): Node {
	return constantOf(name, int(value));
}

/** A program that is this graph, with bodies. */
export function programWith(
	main: Graph,
	bodies: Readonly<Record<string, Graph>> = {},
): Program {
	const functions = new Map(Object.entries(bodies));
	return { ...program(undefined, [], ""), ...main, functions };
}

/** The ops of a graph without its constants. */
export function opsOf({ nodes }: Graph): readonly string[] {
	return nodes.map(({ op }) => op).filter((op) => op !== "Const");
}
