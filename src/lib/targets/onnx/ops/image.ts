import type { imageOps } from "../../../ops/image.js";
import type { LoweringTable } from "../lowering.js";
import { boxLowerings } from "./image/boxes.js";
import { resizeLowerings } from "./image/resize.js";

export const imageLowerings: LoweringTable<typeof imageOps> = {
	...resizeLowerings,
	...boxLowerings,
};
