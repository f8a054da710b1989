import type { OpEntry } from "./define.js";
import { raggedConversionOps } from "./ragged/conversion.js";
import { raggedRowOps } from "./ragged/rows.js";

/** Rows of unequal length: the host's alone. */
export const raggedOps = {
	...raggedConversionOps,
	...raggedRowOps,
} as const satisfies Record<string, OpEntry>;
