import type { OpEntry } from "./define.js";
import { resizeOps } from "./image/resize.js";

/** Pictures and the boxes in them. */
export const imageOps = {
	...resizeOps,
} as const satisfies Record<string, OpEntry>;
