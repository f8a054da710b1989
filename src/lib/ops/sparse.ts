import type { OpEntry } from "./define.js";

/** Tensors as the places and values of their elements: the host's alone. */
export const sparseOps = {} as const satisfies Record<string, OpEntry>;
