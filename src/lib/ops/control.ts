import type { OpEntry } from "./define.js";

/** Branches and loops. */
export const controlOps = {} as const satisfies Record<string, OpEntry>;
