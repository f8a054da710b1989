import { boolAttr, intAttr } from "../../../graph/attrs.js";
import type { WebContext, WebLowering, WebValue } from "../lowering.js";

/** TensorFlow.js returns its input as it is: the steps are taken one by one (fake_quant_ops_functor.h, Nudge). */
export const fakeQuantized: WebLowering = (context) => {
	const { input, emit, scalar } = context;
	const { lower, upper, scale } = range(context);
	const inside = emit("Maximum", [emit("Minimum", [input(0), upper]), lower]);
	const steps = emit("RealDiv", [emit("Sub", [inside, lower]), scale]);
	const whole = emit("Floor", [emit("AddV2", [steps, scalar(0.5, "float32")])]);
	return emit("AddV2", [emit("Mul", [whole, scale]), lower]);
};

interface Range {
	readonly lower: WebValue;
	readonly upper: WebValue;
	readonly scale: WebValue;
}

function range(context: WebContext): Range {
	const { node, constant } = context;
	const least = boolAttr(node, "narrow_range") ? 1 : 0;
	const most = 2 ** intAttr(node, "num_bits") - 1;
	const [min, max] = [1, 2].map((i) => constant(i));
	return min?.shape.length === 0 && max?.shape.length === 0
		? knownRange(context, Number(min.data[0]), Number(max.data[0]), least, most)
		: givenRange(context, least, most);
}

function knownRange(
	{ scalar }: WebContext,
	min: number,
	max: number,
	least: number,
	most: number,
): Range {
	const step = Math.fround((max - min) / (most - least));
	const origin = Math.fround(least - min / step);
	const zero = Math.min(Math.max(Math.round(origin), least), most);
	const number = (value: number) => scalar(value, "float32");
	return {
		lower: number((least - zero) * step),
		upper: number((most - zero) * step),
		scale: number(step),
	};
}

/** Of bounds that are tensors: scalars, or one a channel. */
function givenRange(
	{ input, emit, scalar }: WebContext,
	least: number,
	most: number,
): Range {
	const number = (value: number) => scalar(value, "float32");
	const [min, max] = [input(1), input(2)];
	const scale = emit("RealDiv", [
		emit("Sub", [max, min]),
		number(most - least),
	]);
	const origin = emit("Sub", [number(least), emit("RealDiv", [min, scale])]);
	const rounded = emit("Floor", [emit("AddV2", [origin, number(0.5)])]);
	const zero = emit("Minimum", [
		emit("Maximum", [rounded, number(least)]),
		number(most),
	]);
	const bound = (value: number) =>
		emit("Mul", [emit("Sub", [number(value), zero]), scale]);
	return { lower: bound(least), upper: bound(most), scale };
}
