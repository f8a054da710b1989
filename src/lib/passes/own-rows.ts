import { MlshipError } from "../errors.js";
import type { Program } from "../graph/ir.js";
import { hasOwnRows } from "../graph/rows.js";
import { expandComposites } from "./expand.js";
import { forwardIdentities } from "./forward.js";
import { prune } from "./prune.js";

/** As `hasOwnRows`, of a program as it was built; false where its shapes contradict each other, which not every engine minds. */
export function rowsAreOwn(program: Program): boolean {
	try {
		return hasOwnRows(expandComposites(forwardIdentities(prune(program))));
	} catch (error) {
		if (error instanceof MlshipError) return false;
		throw error;
	}
}
