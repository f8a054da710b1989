import type { Lowering, LoweringRows } from "../lowering.js";
import { fourierLowerings } from "./file/fourier.js";
import { stringLowerings, withText } from "./file/strings.js";
import { LOWERINGS } from "./index.js";
import { mathLowerings } from "./math.js";

/**
 * How ops become ONNX in files for others: as in engines, and in slower forms, or forms of less exactness, what engines leave to
 * the host, since a file has none.
 */
export const FILE_LOWERINGS: LoweringRows = {
	...LOWERINGS,
	...fourierLowerings,
	...stringLowerings,
	Add: withText(mathLowerings.Add as Lowering),
	AddV2: withText(mathLowerings.AddV2 as Lowering),
};
