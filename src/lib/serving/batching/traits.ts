import type { Program } from "../../graph/ir.js";
import { rowsAreOwn } from "../../passes/own-rows.js";
import type { BatchTraits } from "./batcher.js";

/** What a program says of running requests together. */
export function batchTraits(program: Program): BatchTraits {
	const { outputs, state, sharesResources } = program;
	const variables = new Set(state.map(({ name }) => name));
	const isStateful =
		sharesResources || outputs.some(({ name }) => variables.has(name));
	return { isStateful, hasOwnRows: !isStateful && rowsAreOwn(program) };
}
