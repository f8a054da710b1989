import type { Program } from "../../graph/ir.js";
import type { BatchTraits } from "./batcher.js";

/** What a program says of running requests together. */
export function batchTraits({
	outputs,
	state,
	sharesResources,
}: Program): BatchTraits {
	const variables = new Set(state.map(({ name }) => name));
	const isStateful =
		sharesResources || outputs.some(({ name }) => variables.has(name));
	return { isStateful, hasOwnRows: false };
}
