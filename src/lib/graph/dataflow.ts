import { structureBranches } from "./dataflow/branches.js";
import { Dataflow, ENTERS, MERGES, SWITCHES } from "./dataflow/edges.js";
import { structureLoops } from "./dataflow/loops.js";
import type { Library, Scope } from "./scope.js";

/**
 * Turns TensorFlow 1's control flow of one graph, where tokens run through Switch, Merge, Enter, Exit and NextIteration
 * ("Implementation of Control Flow in TensorFlow", 2017), into If and While nodes whose branches and bodies are functions of
 * the library. What is nested in them stays as it is until they are inlined themselves. Replaces nodes of the scope.
 * Fails with UNSUPPORTED, naming a node, where no If or While means the same.
 */
export function structureDataflow(
	scope: Scope,
	roots: readonly string[],
	library: Library,
): void {
	const flow = new Dataflow(scope, library);
	if (!flow.has(SWITCHES) && !flow.has(MERGES)) return;
	if (flow.has(ENTERS)) structureLoops(flow, roots);
	structureBranches(flow, roots);
	const left = flow
		.needed(roots)
		.find(({ op }) => SWITCHES.has(op) || MERGES.has(op) || ENTERS.has(op));
	if (left !== undefined)
		throw flow.refusal(left, "it is part of no conditional or loop");
}
