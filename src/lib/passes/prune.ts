import type { ValueName } from "../graph/ir.js";
import { EFFECTS } from "../ops/effects.js";
import type { Pass } from "./pass.js";

/** Drops nodes that no output and no effect needs. */
export const prune: Pass = (program) => {
	const needed = new Set<ValueName>(program.outputs.map(({ value }) => value));
	const kept = program.nodes.toReversed().filter((node) => {
		if (
			!EFFECTS.has(node.op) &&
			!node.outputs.some((output) => needed.has(output))
		)
			return false;
		for (const input of node.inputs) needed.add(input);
		return true;
	});
	return { ...program, nodes: kept.reverse() };
};
