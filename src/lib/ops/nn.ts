import type { OpEntry } from "./define.js";
import { convolutionOps } from "./nn/convolution.js";
import { lossOps } from "./nn/loss.js";
import { normalizationOps } from "./nn/normalization.js";
import { poolingOps } from "./nn/pooling.js";
import { windowMaximumOps } from "./nn/window-maximum.js";

/** Convolution, pooling, normalization: what neural networks are made of. */
export const nnOps = {
	...convolutionOps,
	...poolingOps,
	...normalizationOps,
	...windowMaximumOps,
	...lossOps,
} as const satisfies Record<string, OpEntry>;
