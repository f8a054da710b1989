import type { mathOps } from "../../../ops/math.js";
import type { LiteTable } from "../lowering.js";
import { activationRows } from "./math/activation.js";
import { binaryRows } from "./math/binary.js";
import { comparisonRows } from "./math/comparison.js";
import { conversionRows } from "./math/conversion.js";
import { quantizeRows } from "./math/quantize.js";
import { unaryRows } from "./math/unary.js";

export const mathRows: LiteTable<typeof mathOps> = {
	...unaryRows,
	...binaryRows,
	...comparisonRows,
	...activationRows,
	...conversionRows,
	...quantizeRows,
};
