import type { nnOps } from "../../../ops/nn.js";
import type { LoweringTable } from "../lowering.js";
import { convolutionLowerings } from "./nn/convolution.js";
import { normalizationLowerings } from "./nn/normalization.js";
import { poolingLowerings } from "./nn/pooling.js";

export const nnLowerings: LoweringTable<typeof nnOps> = {
	...convolutionLowerings,
	...poolingLowerings,
	...normalizationLowerings,
};
