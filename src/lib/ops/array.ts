import { arrangementOps } from "./array/arrangement.js";
import { broadcastGradientOps } from "./array/broadcast-gradient.js";
import { creationOps } from "./array/creation.js";
import { diagonalOps } from "./array/diagonal.js";
import { indexingOps } from "./array/indexing.js";
import { joiningOps } from "./array/joining.js";
import { paddingOps } from "./array/padding.js";
import { scatteringOps } from "./array/scattering.js";
import { shapeOps } from "./array/shape.js";
import { slicingOps } from "./array/slicing.js";
import { spaceOps } from "./array/space.js";
import type { OpEntry } from "./define.js";

/** Ops that move, cut, join and describe tensors, and compute nothing. */
export const arrayOps = {
	...shapeOps,
	...arrangementOps,
	...joiningOps,
	...slicingOps,
	...indexingOps,
	...scatteringOps,
	...creationOps,
	...broadcastGradientOps,
	...paddingOps,
	...spaceOps,
	...diagonalOps,
} as const satisfies Record<string, OpEntry>;
