import { MlshipError } from "../../../../errors.js";
import type { Lowering, LoweringRow } from "../../lowering.js";

/** A row of engines, and a slower form for what it leaves to the host. */
export function orElse(row: LoweringRow, slower: Lowering): Lowering {
	if (typeof row === "object") return slower;
	return (context) => {
		try {
			return row(context);
		} catch (error) {
			if (!(error instanceof MlshipError) || error.code !== "UNSUPPORTED")
				throw error;
			// what it has added by then nobody uses (liveness.ts)
			return slower(context);
		}
	};
}
