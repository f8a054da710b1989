import { functionAttr, functionsAttr } from "../../graph/attrs.js";
import { CONTROL_FORMS } from "../../graph/bodies.js";
import { inferTypes } from "../../graph/infer.js";
import type { Graph, Node, ValueName } from "../../graph/ir.js";
import type { Tensor } from "../../tensor/tensor.js";
import { rewrite } from "../pass.js";

/** Puts the nodes of the branch that is always taken in the place of its node; the same graph if there is none. */
export function spliceBranches(
	graph: Graph,
	functions: ReadonlyMap<string, Graph>,
): Graph {
	if (!graph.nodes.some(isBranch)) return graph;
	const types = inferTypes(graph);
	let found = false;
	const spliced = rewrite(graph, (node) => {
		const predicate = isBranch(node)
			? types.constant(node.inputs[0])
			: undefined;
		const taken =
			predicate && functions.get(takenBranch(node, predicate) ?? "");
		if (taken === undefined) return undefined;
		found = true;
		return inPlace(node, taken);
	});
	return found ? spliced : graph;
}

function isBranch({ op }: Node): boolean {
	return CONTROL_FORMS[op]?.kind === "branch";
}

/** Only scalars of numbers and truth: other conditions are left to the run. */
function takenBranch(node: Node, { shape, data }: Tensor): string | undefined {
	if (shape.length > 0 || !ArrayBuffer.isView(data)) return undefined;
	if (node.attrs.branches === undefined)
		return functionAttr(node, data[0] ? "then_branch" : "else_branch");
	const branches = functionsAttr(node, "branches");
	return branches[Number(data[0])] ?? branches[branches.length - 1];
}

/** Values of bodies are unique in a Program, and a body belongs to one node: only its ports get other names. */
function inPlace(node: Node, { inputs, outputs, nodes }: Graph) {
	const given = new Map<ValueName, ValueName>(
		inputs.map(({ value }, i) => [value, node.inputs[i + 1]]),
	);
	const current = (value: ValueName) => given.get(value) ?? value;
	return {
		nodes: nodes.map((inner) => ({
			...inner,
			inputs: inner.inputs.map(current),
		})),
		values: new Map(
			node.outputs.map((output, i) => [output, current(outputs[i].value)]),
		),
	};
}
