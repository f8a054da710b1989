import { boolAttr, intAttr } from "../../../graph/attrs.js";
import type { mathOps } from "../../../ops/math.js";
import {
	type LiteLowering,
	type LiteTable,
	unfit,
	unsupported,
} from "../lowering.js";
import { activationRows } from "./math/activation.js";
import { binaryRows } from "./math/binary.js";
import { comparisonRows } from "./math/comparison.js";
import { conversionRows } from "./math/conversion.js";
import { unaryRows } from "./math/unary.js";
import { unary } from "./rows.js";

/** The range is an attribute. */
const fakeQuantization: LiteLowering = (context) => {
	const { constant, node, input } = context;
	const [min, max] = [1, 2].map((i) => constant(i)?.data[0]);
	if (min === undefined || max === undefined)
		throw unfit("TensorFlow Lite must know the range");
	return unary(context, "FAKE_QUANT", input(0), [
		"FakeQuantOptions",
		{
			min: Number(min),
			max: Number(max),
			numBits: intAttr(node, "num_bits"),
			narrowRange: boolAttr(node, "narrow_range"),
		},
	]);
};

export const mathRows: LiteTable<typeof mathOps> = {
	...unaryRows,
	...binaryRows,
	...comparisonRows,
	...activationRows,
	...conversionRows,
	FakeQuantWithMinMaxVars: fakeQuantization,
	FakeQuantWithMinMaxVarsPerChannel: unsupported(
		"TensorFlow Lite has one range for all channels",
	),
};
