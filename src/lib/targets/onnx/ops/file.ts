import type { LoweringRows } from "../lowering.js";
import { fourierLowerings } from "./file/fourier.js";
import { LOWERINGS } from "./index.js";

/**
 * How ops become ONNX in files for others: as in engines, and in slower forms, or forms of less exactness, what engines leave to
 * the host, since a file has none.
 */
export const FILE_LOWERINGS: LoweringRows = {
	...LOWERINGS,
	...fourierLowerings,
};
