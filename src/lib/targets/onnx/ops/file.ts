import type { Lowering, LoweringRows } from "../lowering.js";
import { arrayLowerings } from "./array.js";
import { fourierLowerings } from "./file/fourier.js";
import {
	gatheredConvolution,
	gatheredDepthwise,
} from "./file/gathered-convolution.js";
import { lookupLowerings } from "./file/lookup.js";
import { noneHot } from "./file/one-hot.js";
import { orElse } from "./file/or-else.js";
import { randomLowerings } from "./file/random.js";
import { hostAlone } from "./file/reasons.js";
import { denseSets } from "./file/sets.js";
import { depthToSpace, ofAnyRank, spaceToDepth } from "./file/space.js";
import { stringLowerings, withText } from "./file/strings.js";
import { LOWERINGS } from "./index.js";
import { mathLowerings } from "./math.js";
import { nnLowerings } from "./nn.js";

/**
 * How ops become ONNX in files for others: as in engines, and in slower forms, or forms of less exactness, what engines leave to
 * the host, since a file has none.
 */
export const FILE_LOWERINGS: LoweringRows = {
	...hostAlone,
	...LOWERINGS,
	...fourierLowerings,
	...lookupLowerings,
	...stringLowerings,
	...randomLowerings,
	Add: withText(mathLowerings.Add as Lowering),
	AddV2: withText(mathLowerings.AddV2 as Lowering),
	Conv2D: orElse(nnLowerings.Conv2D, gatheredConvolution),
	Conv3D: orElse(nnLowerings.Conv3D, gatheredConvolution),
	DepthwiseConv2dNative: orElse(
		nnLowerings.DepthwiseConv2dNative,
		gatheredDepthwise,
	),
	SpaceToDepth: orElse(arrayLowerings.SpaceToDepth, spaceToDepth),
	DepthToSpace: orElse(arrayLowerings.DepthToSpace, depthToSpace),
	SpaceToBatchND: orElse(
		arrayLowerings.SpaceToBatchND,
		ofAnyRank(arrayLowerings.SpaceToBatchND as Lowering),
	),
	BatchToSpaceND: orElse(
		arrayLowerings.BatchToSpaceND,
		ofAnyRank(arrayLowerings.BatchToSpaceND as Lowering),
	),
	DenseToDenseSetOperation: denseSets,
	OneHot: orElse(arrayLowerings.OneHot, noneHot),
};
