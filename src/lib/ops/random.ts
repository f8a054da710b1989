import type { OpEntry } from "./define.js";

/** Random numbers: the host's alone, as their bits are defined. */
export const randomOps = {} as const satisfies Record<string, OpEntry>;
