import type { OpEntry } from "./define.js";

/** Rows of unequal length: the host's alone. */
export const raggedOps = {} as const satisfies Record<string, OpEntry>;
