import type { OpEntry } from "./define.js";
import { convolutionOps } from "./nn/convolution.js";
import { normalizationOps } from "./nn/normalization.js";
import { poolingOps } from "./nn/pooling.js";

/** Convolution, pooling, normalization: what neural networks are made of. */
export const nnOps = {
	...convolutionOps,
	...poolingOps,
	...normalizationOps,
} as const satisfies Record<string, OpEntry>;
