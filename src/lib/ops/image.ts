import type { OpEntry } from "./define.js";
import { boxOps } from "./image/boxes.js";
import { colorOps } from "./image/color.js";
import { drawingOps } from "./image/drawing.js";
import { patchOps } from "./image/patches.js";
import { projectionOps } from "./image/projection.js";
import { resizeOps } from "./image/resize.js";

/** Pictures and the boxes in them. */
export const imageOps = {
	...resizeOps,
	...colorOps,
	...patchOps,
	...boxOps,
	...projectionOps,
	...drawingOps,
} as const satisfies Record<string, OpEntry>;
