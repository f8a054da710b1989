import { fail } from "../../errors.js";
import { boolAttr, floatAttr, intAttr } from "../../graph/attrs.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import {
	composite,
	type ExpandContext,
	type OpEntry,
	primitive,
} from "../define.js";
import { formula } from "../formula.js";
import { normalizeAxis } from "../shapes.js";
import { sameType } from "./unary.js";

/** Values rounded to the steps of integers, and still floats: what training with quantization leaves in a graph. */
export const quantizeOps = {
	FakeQuantWithMinMaxArgs: composite(({ node, inputs, add, scalar }) => [
		add(
			"FakeQuantWithMinMaxVars",
			[
				inputs[0],
				scalar("float32", floatAttr(node, "min")),
				scalar("float32", floatAttr(node, "max")),
			],
			{
				num_bits: intAttr(node, "num_bits"),
				narrow_range: boolAttr(node, "narrow_range"),
			},
		),
	]),
	FakeQuantWithMinMaxVars: primitive(sameType),
	FakeQuantWithMinMaxVarsPerChannel: primitive(sameType),
	QuantizeAndDequantizeV2: composite((context) => [
		quantizeAndDequantize(context, intAttr(context.node, "num_bits")),
	]),
	QuantizeAndDequantizeV3: composite((context) => [
		quantizeAndDequantize(context, constantBits(context)),
	]),
	QuantizeAndDequantizeV4: composite((context) => [
		quantizeAndDequantize(context, intAttr(context.node, "num_bits")),
	]),
} as const satisfies Record<string, OpEntry>;

function constantBits({ constant }: ExpandContext): number {
	const bits = constant(3);
	if (bits === undefined)
		throw fail(
			"UNSUPPORTED",
			"cannot expand QuantizeAndDequantizeV3: its num_bits is computed at run time, mlship wants a constant",
		);
	return Number(bits.data[0]);
}

/**
 * Steps of one size on both sides of 0, as many as the bits allow: the side that needs the larger ones decides
 * (kernels/quantize_and_dequantize_op.h, ComputeQuantizationRange).
 */
function quantizeAndDequantize(context: ExpandContext, bits: number): string {
	const { node, inputs, types } = context;
	const f = formula(context, types[0].dtype);
	const [least, most] = integerRange(context, bits);
	const { low, high } = inputRange(context);
	const scaleFor = (end: number, value: string) =>
		f.where(f.greater(f.mul(value, end), 0), f.div(end, value), FLOAT_MAX);
	const [fromLow, fromHigh] = [scaleFor(least, low), scaleFor(most, high)];
	const isLow = f.less(fromLow, fromHigh);
	const scale = f.where(isLow, fromLow, fromHigh);
	const step = f.where(
		isLow,
		least === 0 ? 0 : f.div(low, least),
		f.div(high, most),
	);
	const kept = boolAttr(node, "range_given")
		? f.min(f.max(inputs[0], f.mul(step, least)), f.mul(step, most))
		: inputs[0];
	return f.mul(rounded(context, f.mul(kept, scale)), step);
}

/** Stands for a scale where an end of the range is 0. */
const FLOAT_MAX = 3.4028234663852886e38;

function integerRange(
	{ node }: ExpandContext,
	bits: number,
): [least: number, most: number] {
	if (!boolAttr(node, "signed_input")) return [0, 2 ** bits - 1];
	const half = 2 ** (bits - 1);
	return [boolAttr(node, "narrow_range") ? 1 - half : -half, half - 1];
}

function rounded(context: ExpandContext, x: string): string {
	const { of, add } = formula(context, context.types[0].dtype);
	const mode = context.node.attrs.round_mode;
	return mode === "HALF_UP" ? of("Floor", add(x, 0.5)) : of("Round", x);
}

/** The range that is given, or that of the values; one a channel along `axis` if there is one. */
function inputRange(context: ExpandContext): { low: string; high: string } {
	const { node, inputs, types, add, constantOf } = context;
	const T = types[0].dtype;
	const axis = intAttr(node, "axis");
	const isGiven = boolAttr(node, "range_given");
	if (axis < 0 && isGiven) return { low: inputs[1], high: inputs[2] };
	const rank = types[0].shape?.length;
	if (axis < 0 && rank === undefined) return wholeRange(context);
	if (rank === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot expand ${node.op}: the rank of its input is not known`,
		);
	const others = Array.from({ length: rank }, (_, i) => i).filter(
		(i) => axis < 0 || i !== normalizeAxis(axis, rank),
	);
	const axes = constantOf(tensorFromNumbers("int32", [others.length], others));
	if (!isGiven) {
		const attrs = { T, Tidx: "int32", keep_dims: axis >= 0 };
		return {
			low: add("Min", [inputs[0], axes], attrs),
			high: add("Max", [inputs[0], axes], attrs),
		};
	}
	const sizes = Array.from({ length: rank }, (_, i) => (i === axis ? -1 : 1));
	const shape = constantOf(tensorFromNumbers("int32", [rank], sizes));
	const channels = (value: string) =>
		add("Reshape", [value, shape], { T, Tshape: "int32" });
	return { low: channels(inputs[1]), high: channels(inputs[2]) };
}

/** Of all values, along however many axes. */
function wholeRange({ inputs, types, add, scalar }: ExpandContext) {
	const T = types[0].dtype;
	const rank = add("Rank", [inputs[0]], { T });
	const axes = add("Range", [scalar("int32", 0), rank, scalar("int32", 1)], {
		Tidx: "int32",
	});
	const attrs = { T, Tidx: "int32", keep_dims: false };
	return {
		low: add("Min", [inputs[0], axes], attrs),
		high: add("Max", [inputs[0], axes], attrs),
	};
}
