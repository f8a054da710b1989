import { boolAttr, intAttr } from "../../../../graph/attrs.js";
import type { quantizeOps } from "../../../../ops/math/quantize.js";
import { type Arithmetic, arithmetic } from "../../arithmetic.js";
import type { LiteLowering, LiteTable, LiteValue } from "../../lowering.js";

/**
 * Rounds to the steps that `num_bits` leave between min and max, moved so that 0 is one of them
 * (kernels/fake_quant_ops_functor.h, Nudge). A range of nothing gives zeros. TensorFlow Lite's own FAKE_QUANT takes a range
 * that is known beforehand only, and no narrow one.
 */
const fakeQuant: LiteLowering = (context) => {
	const { input, node } = context;
	const math = arithmetic(context);
	const { of, add, sub, mul, div, min, max, both, equal, choose } = math;
	const [x, low, high] = [0, 1, 2].map((i) => input(i));
	const least = boolAttr(node, "narrow_range") ? 1 : 0;
	const most = 2 ** intAttr(node, "num_bits") - 1;
	const { scale, from, to } = nudged(math, low, high, least, most);
	const zero = of("FLOOR", add(div(sub(0, from), scale), 0.5));
	const inside = min(max(x, from), to);
	const steps = sub(div(sub(inside, from), scale), zero);
	const rounded = mul(of("FLOOR", add(steps, 0.5)), scale);
	const isEmpty = both("LOGICAL_AND", equal(low, 0), equal(high, 0));
	return choose(isEmpty, 0, rounded);
};

function nudged(
	{ sub, div, add, mul, min, max, of }: Arithmetic,
	low: LiteValue,
	high: LiteValue,
	least: number,
	most: number,
) {
	const scale = div(sub(high, low), most - least);
	const zero = of("FLOOR", add(sub(least, div(low, scale)), 0.5));
	const nearest = min(max(zero, least), most);
	return {
		scale,
		from: mul(sub(least, nearest), scale),
		to: mul(sub(most, nearest), scale),
	};
}

export const quantizeRows: LiteTable<typeof quantizeOps> = {
	FakeQuantWithMinMaxVars: fakeQuant,
	FakeQuantWithMinMaxVarsPerChannel: fakeQuant,
};
