import { MlshipError } from "../../errors.js";
import type { Program } from "../../graph/ir.js";
import { hasOwnRows } from "../../graph/rows.js";
import { expandComposites } from "../../passes/expand.js";
import { forwardIdentities } from "../../passes/forward.js";
import { prune } from "../../passes/prune.js";
import type { BatchTraits } from "./batcher.js";

/** What a program says of running requests together. */
export function batchTraits(program: Program): BatchTraits {
	const { outputs, state, sharesResources } = program;
	const variables = new Set(state.map(({ name }) => name));
	const isStateful =
		sharesResources || outputs.some(({ name }) => variables.has(name));
	return { isStateful, hasOwnRows: !isStateful && isCertain(program) };
}

function isCertain(program: Program): boolean {
	try {
		return hasOwnRows(expandComposites(forwardIdentities(prune(program))));
	} catch (error) {
		// shapes that contradict each other: not every engine minds
		if (error instanceof MlshipError) return false;
		throw error;
	}
}
