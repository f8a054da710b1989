import type { OpEntry } from "./define.js";
import { sparseArithmeticOps } from "./sparse/arithmetic.js";
import { sparseArrangementOps } from "./sparse/arrangement.js";
import { sparseCountOps } from "./sparse/count.js";
import { crossOps } from "./sparse/cross.js";
import { setOps } from "./sparse/sets.js";

/** Tensors of few values, given with their places: the host's alone. */
export const sparseOps = {
	...sparseArrangementOps,
	...sparseArithmeticOps,
	...setOps,
	...sparseCountOps,
	...crossOps,
} as const satisfies Record<string, OpEntry>;
