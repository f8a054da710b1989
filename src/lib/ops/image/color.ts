import type { ValueName } from "../../graph/ir.js";
import type { DType } from "../../tensor/dtype.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import { composite, type ExpandContext, type OpEntry } from "../define.js";
import { castTo, type Formula, formula } from "../formula.js";

export const colorOps = {
	AdjustContrastv2: composite((context) => adjusted(context, contrast)),
	AdjustHue: composite((context) => adjusted(context, turnedHue)),
	AdjustSaturation: composite((context) => adjusted(context, scaledSaturation)),
	RGBToHSV: composite((context) => {
		const { dtype } = context.types[0];
		const math = formula(context, dtype);
		const { hue, low, high } = hueOf(context, math, dtype, context.inputs[0]);
		const channels = [math.div(hue, 6), saturation(math, low, high), high];
		return [packed(context, dtype, channels)];
	}),
	HSVToRGB: composite((context) => {
		const { dtype } = context.types[0];
		const math = formula(context, dtype);
		const [hue, share, value] = channelsOf(context, dtype, context.inputs[0]);
		const channels = colors(math, math.mul(hue, 6), share, value);
		return [packed(context, dtype, channels)];
	}),
} as const satisfies Record<string, OpEntry>;

type Adjustment = (
	context: ExpandContext,
	math: Formula,
	images: ValueName,
	amount: ValueName,
) => ValueName;

/** The amount is float32, and so is the arithmetic, whatever the type of the images. */
function adjusted(context: ExpandContext, adjust: Adjustment): ValueName[] {
	const [images, amount] = context.inputs;
	const { dtype } = context.types[0];
	const math = formula(context, "float32");
	const single = castTo(context, images, dtype, "float32");
	const result = adjust(context, math, single, amount);
	return [castTo(context, result, "float32", dtype)];
}

/** Away from the mean of each image and channel, or towards it. */
function contrast(
	{ add, constantOf }: ExpandContext,
	math: Formula,
	images: ValueName,
	factor: ValueName,
): ValueName {
	const axes = constantOf(tensorFromNumbers("int32", [2], [-3, -2]));
	const mean = add("Mean", [images, axes], {
		T: "float32",
		Tidx: "int32",
		keep_dims: true,
	});
	return math.add(mean, math.mul(math.sub(images, mean), factor));
}

function turnedHue(
	context: ExpandContext,
	math: Formula,
	images: ValueName,
	delta: ValueName,
): ValueName {
	const { hue, low, high } = hueOf(context, math, "float32", images);
	const turned = math.floorMod(math.add(hue, math.mul(delta, 6)), 6);
	const range = math.sub(high, low);
	const channels = pureColor(math, turned).map((share) =>
		math.add(low, math.mul(share, range)),
	);
	return packed(context, "float32", channels);
}

function scaledSaturation(
	context: ExpandContext,
	math: Formula,
	images: ValueName,
	scale: ValueName,
): ValueName {
	const { hue, low, high } = hueOf(context, math, "float32", images);
	const scaled = math.mul(saturation(math, low, high), scale);
	const clipped = math.min(math.max(scaled, 0), 1);
	return packed(context, "float32", colors(math, hue, clipped, high));
}

interface Hue {
	/** 0 … 6: red, yellow, green, cyan, blue, magenta. */
	readonly hue: ValueName;
	/** The smallest and the largest channel. */
	readonly low: ValueName;
	readonly high: ValueName;
}

/** https://en.wikipedia.org/wiki/HSL_and_HSV#Hue_and_chroma; grey is hue 0. */
function hueOf(
	context: ExpandContext,
	math: Formula,
	T: DType,
	images: ValueName,
): Hue {
	const [red, green, blue] = channelsOf(context, T, images);
	const high = math.max(red, math.max(green, blue));
	const low = math.min(red, math.min(green, blue));
	const range = math.sub(high, low);
	const grey = math.equal(range, 0);
	const divisor = math.where(grey, 1, range);
	const between = (a: ValueName, b: ValueName) =>
		math.div(math.sub(a, b), divisor);
	const fromBlue = math.add(between(red, green), 4);
	const fromGreen = math.add(between(blue, red), 2);
	const others = math.where(math.equal(green, high), fromGreen, fromBlue);
	const hue = math.where(math.equal(red, high), between(green, blue), others);
	const positive = math.where(math.less(hue, 0), math.add(hue, 6), hue);
	return { hue: math.where(grey, 0, positive), low, high };
}

function saturation(math: Formula, low: ValueName, high: ValueName): ValueName {
	const bright = math.greater(high, 0);
	const divisor = math.where(bright, high, 1);
	return math.where(bright, math.div(math.sub(high, low), divisor), 0);
}

/** The channels of a colour of full saturation and value. */
function pureColor(math: Formula, hue: ValueName): ValueName[] {
	const { sub, of } = math;
	const away = (from: number) => of("Abs", sub(hue, from));
	const clip = (share: ValueName) => math.min(math.max(share, 0), 1);
	return [clip(sub(away(3), 1)), clip(sub(2, away(2))), clip(sub(2, away(4)))];
}

function colors(
	math: Formula,
	hue: ValueName,
	share: ValueName,
	value: ValueName,
): ValueName[] {
	const white = math.sub(1, share);
	return pureColor(math, hue).map((pure) =>
		math.mul(math.add(white, math.mul(share, pure)), value),
	);
}

function channelsOf(
	{ addMany }: ExpandContext,
	T: DType,
	images: ValueName,
): readonly ValueName[] {
	return addMany("Unpack", [images], 3, { T, num: 3, axis: -1 });
}

function packed(
	{ add }: ExpandContext,
	T: DType,
	channels: readonly ValueName[],
): ValueName {
	return add("Pack", channels, { T, N: channels.length, axis: -1 });
}
