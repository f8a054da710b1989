import type { OpEntry } from "./define.js";
import { exampleOps } from "./parse/examples.js";
import { recordOps } from "./parse/records.js";

/** Serialized messages and lines of text into tensors: the host's alone. */
export const parseOps = {
	...exampleOps,
	...recordOps,
} as const satisfies Record<string, OpEntry>;
