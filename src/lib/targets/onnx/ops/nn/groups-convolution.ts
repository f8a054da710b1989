import type { Emitter } from "../../expression.js";
import { expressions } from "../../expression.js";
import type { OnnxAttrs } from "../../graph.js";
import {
	type LowerContext,
	type OnnxValue,
	ROUND_INPUTS,
} from "../../lowering.js";

/** Channels behind the batch; the filter is [channels out, channels in of a group, spatial…]. */
interface Operands {
	readonly image: OnnxValue;
	readonly filter: OnnxValue;
	readonly bias: OnnxValue | undefined;
}

/**
 * A convolution of as many groups of channels as run time shows: a Loop, group by group, for ONNX wants their number in
 * an attribute. Channels that make no whole groups are too many for the last filter, which ONNX Runtime refuses.
 */
export function groupsConvolution(
	context: LowerContext,
	{ image, filter, bias }: Operands,
	attrs: OnnxAttrs,
): OnnxValue {
	const { emit, emitMany, ints } = context;
	const math = expressions(context);
	const [channels, width, outputs] = [
		sizeOf(context, image, 1),
		sizeOf(context, filter, 1),
		sizeOf(context, filter, 0),
	];
	const groups = math.max(math.div(channels, width), ints([1]));
	const perGroup = (total: OnnxValue) =>
		math.div(math.sub(math.add(total, groups), 1), groups);
	const [inputWidth, outputWidth] = [perGroup(channels), perGroup(outputs)];
	const always = math.greater(emit("Squeeze", [groups]), 0);
	const [stacked] = emitMany(
		"Loop",
		[emit("Squeeze", [groups]), always],
		[image.dtype],
		{
			body: {
				graph: context.nested(ROUND_INPUTS, (turn, [round, goesOn]) => [
					goesOn,
					turn.emit(
						"Conv",
						[
							part(turn, image, round, inputWidth, 1),
							part(turn, filter, round, outputWidth, 0),
						],
						attrs,
					),
				]),
			},
		},
	);
	const joined = besideEachOther(context, stacked, outputs, attrs);
	if (bias === undefined) return joined;
	const spatialRank = (attrs.strides as readonly number[]).length;
	const shape = ints([-1, ...new Array<number>(spatialRank).fill(1)]);
	return emit("Add", [joined, emit("Reshape", [bias, shape])]);
}

function sizeOf({ emit }: Emitter, value: OnnxValue, axis: number): OnnxValue {
	const range = { start: axis, end: axis + 1 };
	return emit("Shape", [value], range, { dtype: "int64" });
}

/** So many elements along an axis, for this round. */
function part(
	emitter: Emitter,
	value: OnnxValue,
	round: OnnxValue,
	width: OnnxValue,
	axis: number,
): OnnxValue {
	const { emit, ints } = emitter;
	const math = expressions(emitter);
	const start = math.mul(emit("Reshape", [round, ints([1])]), width);
	return emit("Slice", [value, start, math.add(start, width), ints([axis])]);
}

/** [groups, batch, channels, spatial…] as [batch, all channels, spatial…]. */
function besideEachOther(
	context: LowerContext,
	stacked: OnnxValue,
	outputs: OnnxValue,
	{ strides }: OnnxAttrs,
): OnnxValue {
	const { emit } = context;
	const spatial = (strides as readonly number[]).map((_, axis) => axis + 3);
	const moved = emit("Transpose", [stacked], { perm: [1, 0, 2, ...spatial] });
	const sizes = emit("Shape", [stacked], { start: 3 }, { dtype: "int64" });
	const batch = sizeOf(context, stacked, 1);
	const shape = emit("Concat", [batch, outputs, sizes], { axis: 0 });
	return emit("Reshape", [moved, shape]);
}
