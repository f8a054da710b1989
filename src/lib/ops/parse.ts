import type { OpEntry } from "./define.js";

/** Bytes of other formats made tensors: the host's alone. */
export const parseOps = {} as const satisfies Record<string, OpEntry>;
