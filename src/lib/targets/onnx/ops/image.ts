import type { imageOps } from "../../../ops/image.js";
import { type LoweringTable, unsupported } from "../lowering.js";
import { boxLowerings } from "./image/boxes.js";
import { resizeLowerings } from "./image/resize.js";

const drawing = unsupported("ONNX draws no lines");

export const imageLowerings: LoweringTable<typeof imageOps> = {
	...resizeLowerings,
	...boxLowerings,
	DrawBoundingBoxes: drawing,
	DrawBoundingBoxesV2: drawing,
};
