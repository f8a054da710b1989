import type { OpEntry } from "./define.js";
import { activationOps } from "./math/activation.js";
import { binaryOps } from "./math/binary.js";
import { comparisonOps } from "./math/comparison.js";
import { conversionOps } from "./math/conversion.js";
import { quantizeOps } from "./math/quantize.js";
import { specialOps } from "./math/special.js";
import { unaryOps } from "./math/unary.js";

/** What is computed element by element. */
export const mathOps = {
	...unaryOps,
	...binaryOps,
	...comparisonOps,
	...activationOps,
	...specialOps,
	...conversionOps,
	...quantizeOps,
} as const satisfies Record<string, OpEntry>;
