import { boolAttr, intAttr } from "../../../../graph/attrs.js";
import type { quantizeOps } from "../../../../ops/math/quantize.js";
import { alignedInputs } from "../../elementwise.js";
import { type Expressions, expressions } from "../../expression.js";
import type {
	LowerContext,
	Lowering,
	LoweringTable,
	OnnxValue,
} from "../../lowering.js";

/**
 * Rounds to the steps that `num_bits` leave between min and max, moved so that 0 is one of them
 * (kernels/fake_quant_ops_functor.h, Nudge). A range of nothing gives zeros.
 */
const fakeQuant: Lowering = (context) => {
	const e = expressions(context);
	const {
		inputs: [x, low, high],
		channelsFirst,
	} = alignedInputs(context);
	const { scale, from, to } = nudged(e, low, high, quantRange(context));
	const zero = e.of("Floor", e.add(e.div(e.sub(0, from), scale), 0.5));
	const inside = e.min(e.max(x, from), to);
	const steps = e.sub(e.div(e.sub(inside, from), scale), zero);
	const rounded = e.mul(e.of("Floor", e.add(steps, 0.5)), scale);
	const isEmpty = e.and(e.equal(low, 0), e.equal(high, 0));
	const output = e.where(isEmpty, 0, rounded);
	return channelsFirst ? { ...output, channelsFirst: true } : output;
};

interface QuantRange {
	readonly least: number;
	readonly most: number;
}

function quantRange({ node }: LowerContext): QuantRange {
	return {
		least: boolAttr(node, "narrow_range") ? 1 : 0,
		most: 2 ** intAttr(node, "num_bits") - 1,
	};
}

function nudged(
	e: Expressions,
	low: OnnxValue,
	high: OnnxValue,
	{ least, most }: QuantRange,
) {
	const scale = e.div(e.sub(high, low), most - least);
	const zero = e.of("Floor", e.add(e.sub(least, e.div(low, scale)), 0.5));
	const nearest = e.min(e.max(zero, least), most);
	return {
		scale,
		from: e.mul(e.sub(least, nearest), scale),
		to: e.mul(e.sub(most, nearest), scale),
	};
}

export const quantizeLowerings: LoweringTable<typeof quantizeOps> = {
	FakeQuantWithMinMaxVars: fakeQuant,
	FakeQuantWithMinMaxVarsPerChannel: fakeQuant,
};
