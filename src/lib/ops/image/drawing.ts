import { type OpEntry, primitive } from "../define.js";
import { sameAsInput } from "../shapes.js";

/** What people look at; the host's alone. */
export const drawingOps = {
	DrawBoundingBoxes: primitive(sameAsInput),
	DrawBoundingBoxesV2: primitive(sameAsInput),
} as const satisfies Record<string, OpEntry>;
