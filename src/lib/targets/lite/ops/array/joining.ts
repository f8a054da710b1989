import { intAttr } from "../../../../graph/attrs.js";
import type { joiningOps } from "../../../../ops/array/joining.js";
import {
	type LiteContext,
	type LiteLowering,
	type LiteTable,
	type LiteValue,
	unfit,
} from "../../lowering.js";
import { int32Input, knownAxis, numbersOf, rankOf } from "../numbers.js";
import { joined } from "../rows.js";
import { axisValue, exchanged } from "./axes.js";

const concat: LiteLowering = (context) => {
	const { node, input, emit, outputs } = context;
	const values = node.inputs.slice(0, -1).map((_, i) => input(i));
	if (values.length === 1) return values[0];
	const rank = rankOf(context, 0);
	if (numbersOf(context, values.length) === undefined)
		return joinedLater(
			context,
			values,
			axisValue(context, values.length, rank),
		);
	const axis = knownAxis(context, values.length, rank);
	return emit("CONCATENATION", values, outputs[0], [
		"ConcatenationOptions",
		{ axis },
	]);
};

/** Along an axis that a run decides. */
function joinedLater(
	context: LiteContext,
	values: readonly LiteValue[],
	axis: LiteValue,
): LiteValue {
	const turned = values.map((value) => exchanged(context, value, axis));
	return exchanged(context, joined(context, turned, 0), axis);
}

const pack: LiteLowering = ({ node, input, emit, outputs }) =>
	emit(
		"PACK",
		node.inputs.map((_, i) => input(i)),
		outputs[0],
		[
			"PackOptions",
			{ valuesCount: node.inputs.length, axis: intAttr(node, "axis") },
		],
	);

const unpack: LiteLowering = ({ node, input, emitMany, outputs }) =>
	emitMany("UNPACK", [input(0)], outputs, [
		"UnpackOptions",
		{ num: outputs.length, axis: intAttr(node, "axis") },
	]);

const split: LiteLowering = (context) => {
	const { input, emitMany, outputs } = context;
	if (outputs.length === 1) return input(1);
	return emitMany("SPLIT", [input(0), input(1)], outputs, [
		"SplitOptions",
		{ numSplits: outputs.length },
	]);
};

const splitV: LiteLowering = (context) => {
	const { input, emitMany, outputs, scalar } = context;
	if (outputs.length === 1) return input(0);
	const axis = knownAxis(context, 2, rankOf(context, 0));
	if (context.inputs[1].shape?.[0] === 0) throw unfit("it splits into nothing");
	return emitMany(
		"SPLIT_V",
		[input(0), int32Input(context, 1), scalar("int32", axis)],
		outputs,
		["SplitVOptions", { numSplits: outputs.length }],
	);
};

export const joiningRows: LiteTable<typeof joiningOps> = {
	ConcatV2: concat,
	Pack: pack,
	Unpack: unpack,
	Split: split,
	SplitV: splitV,
};
