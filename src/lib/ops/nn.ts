import type { OpEntry } from "./define.js";
import { convolutionOps } from "./nn/convolution.js";
import { dilationOps } from "./nn/dilation.js";
import { lossOps } from "./nn/loss.js";
import { normalizationOps } from "./nn/normalization.js";
import { poolingOps } from "./nn/pooling.js";

/** Convolution, pooling, normalization: what neural networks are made of. */
export const nnOps = {
	...convolutionOps,
	...poolingOps,
	...normalizationOps,
	...dilationOps,
	...lossOps,
} as const satisfies Record<string, OpEntry>;
