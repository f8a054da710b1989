import type { OpEntry } from "./define.js";

/** Text as bytes: the host's alone. */
export const stringOps = {} as const satisfies Record<string, OpEntry>;
