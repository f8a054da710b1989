import type { OpEntry } from "./define.js";
import { convolutionOps } from "./nn/convolution.js";
import { ctcOps } from "./nn/ctc.js";
import { gradientOps } from "./nn/gradient.js";
import { lossOps } from "./nn/loss.js";
import { normalizationOps } from "./nn/normalization.js";
import { poolingOps } from "./nn/pooling.js";
import { recurrentOps } from "./nn/recurrent.js";
import { windowMaximumOps } from "./nn/window-maximum.js";

/** Convolution, pooling, normalization: what neural networks are made of. */
export const nnOps = {
	...convolutionOps,
	...poolingOps,
	...normalizationOps,
	...windowMaximumOps,
	...lossOps,
	...recurrentOps,
	...ctcOps,
	...gradientOps,
} as const satisfies Record<string, OpEntry>;
