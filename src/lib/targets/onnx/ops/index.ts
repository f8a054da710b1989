import type { LoweringRows } from "../lowering.js";
import { arrayLowerings } from "./array.js";
import { controlLowerings } from "./control.js";
import { imageLowerings } from "./image.js";
import { linalgLowerings } from "./linalg.js";
import { mathLowerings } from "./math.js";
import { nnLowerings } from "./nn.js";
import { reduceLowerings } from "./reduce.js";

/** How each primitive op becomes ONNX, family by family. */
export const LOWERINGS: LoweringRows = {
	...mathLowerings,
	...reduceLowerings,
	...arrayLowerings,
	...nnLowerings,
	...linalgLowerings,
	...imageLowerings,
	...controlLowerings,
};
