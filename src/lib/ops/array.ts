import { arrangementOps } from "./array/arrangement.js";
import { creationOps } from "./array/creation.js";
import { indexingOps } from "./array/indexing.js";
import { shapeOps } from "./array/shape.js";
import { spaceOps } from "./array/space.js";
import type { OpEntry } from "./define.js";

/** Ops that move, cut, join and describe tensors, and compute nothing. */
export const arrayOps = {
	...shapeOps,
	...arrangementOps,
	...indexingOps,
	...creationOps,
	...spaceOps,
} as const satisfies Record<string, OpEntry>;
