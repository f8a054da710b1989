import type { OpEntry } from "./define.js";

/** Lists and arrays of tensors: the host's alone. */
export const listOps = {} as const satisfies Record<string, OpEntry>;
