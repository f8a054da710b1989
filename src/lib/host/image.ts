import type { imageOps } from "../ops/image.js";
import { drawingKernels } from "./image/drawing.js";
import { resizeKernels } from "./image/resize.js";
import type { HostTable } from "./kernel.js";

export const imageKernels: HostTable<typeof imageOps> = {
	...resizeKernels,
	...drawingKernels,
};
