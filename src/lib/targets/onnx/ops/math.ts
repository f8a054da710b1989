import type { mathOps } from "../../../ops/math.js";
import type { LoweringTable } from "../lowering.js";
import { activationLowerings } from "./math/activation.js";
import { binaryLowerings } from "./math/binary.js";
import { comparisonLowerings } from "./math/comparison.js";
import { conversionLowerings } from "./math/conversion.js";
import { quantizeLowerings } from "./math/quantize.js";
import { unaryLowerings } from "./math/unary.js";

export const mathLowerings: LoweringTable<typeof mathOps> = {
	...unaryLowerings,
	...binaryLowerings,
	...comparisonLowerings,
	...activationLowerings,
	...conversionLowerings,
	...quantizeLowerings,
};
