import { CONTROL_FORMS, mapFunctions, namesFunction } from "../graph/bodies.js";
import { TypeMap } from "../graph/infer.js";
import type { Graph, Node, Program } from "../graph/ir.js";
import { settleBranch } from "./bodies/branch.js";
import { settleLoop } from "./bodies/loop.js";
import { scanLoops } from "./bodies/scan.js";
import { spliceBranches } from "./bodies/splice.js";
import type { PassRow } from "./index.js";
import { type Replacement, rewrite } from "./pass.js";

/** Makes a body ready for the types that its ports have now. */
export type PrepareBody = (body: Graph) => Graph;

/** What settling one node of control flow needs. */
export interface Settling {
	readonly node: Node;
	readonly types: TypeMap;
	bodyOf(name: string): Graph;
	readonly prepare: PrepareBody;
	/** Names the body that the node uses from now on. */
	keep(name: string, body: Graph): void;
}

/** What becomes of a graph's loops once their bodies are prepared. */
type Loops = (graph: Graph, functions: Map<string, Graph>) => Graph;

/** Loops as they are, for targets that have lists of tensors. */
export const keepLoops: Loops = (graph) => graph;

/**
 * Applies passes to a program and to every body of control flow in it. Bodies are given what their call site knows: element
 * types, shapes, constants. A branch whose condition is constant is put in place of its node.
 */
export function prepareProgram(
	program: Program,
	passes: readonly PassRow[],
	loops: Loops = scanLoops,
): Program {
	const functions = new Map<string, Graph>();
	const apply = (graph: Graph): Graph =>
		passes.reduce((current, { pass }) => pass(current), {
			...program,
			inputs: graph.inputs,
			outputs: graph.outputs,
			nodes: graph.nodes,
		});
	const prepare = (graph: Graph): Graph => {
		const simplified = simplify(graph, program, apply);
		if (!simplified.nodes.some(isControl)) return simplified;
		const settled = settle(simplified, program, prepare, functions);
		return apply(loops(settled, functions));
	};
	const { inputs, outputs, nodes } = prepare(program);
	const initializer = prepare(program.initializer);
	return { ...program, inputs, outputs, nodes, initializer, functions };
}

/** Passes tell which branch is taken, and the branch's nodes want passes. */
function simplify(
	graph: Graph,
	program: Program,
	apply: (graph: Graph) => Graph,
): Graph {
	let current = apply(graph);
	for (;;) {
		const spliced = spliceBranches(current, program.functions);
		if (spliced === current) return current;
		current = apply(spliced);
	}
}

function settle(
	graph: Graph,
	program: Program,
	prepare: PrepareBody,
	functions: Map<string, Graph>,
): Graph {
	const types = new TypeMap(graph);
	return rewrite(graph, (node): Replacement | undefined => {
		const settling: Settling = {
			node,
			types,
			prepare,
			bodyOf: (name) => program.functions.get(name) as Graph,
			keep: (name, body) => functions.set(name, body),
		};
		const replacement = settled(settling);
		for (const made of replacement?.nodes ?? [node]) types.add(made);
		return replacement;
	});
}

function settled(settling: Settling): Replacement | undefined {
	const { node, prepare, bodyOf, keep } = settling;
	const form = CONTROL_FORMS[node.op];
	if (form?.kind === "loop") return settleLoop(settling);
	if (form?.kind === "branch") return settleBranch(settling);
	mapFunctions(node.attrs, (_, reference) => {
		keep(reference.function, prepare(bodyOf(reference.function)));
		return reference;
	});
	return undefined;
}

function isControl({ attrs }: Node): boolean {
	return Object.values(attrs).some(namesFunction);
}
