import type { OpEntry } from "./define.js";

/** Tables from keys to values: the host's alone. */
export const tableOps = {} as const satisfies Record<string, OpEntry>;
