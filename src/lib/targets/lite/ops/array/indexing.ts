import { intAttr } from "../../../../graph/attrs.js";
import type { indexingOps } from "../../../../ops/array/indexing.js";
import {
	type LiteContext,
	type LiteLowering,
	type LiteTable,
	type LiteValue,
	unfit,
} from "../../lowering.js";
import { knownAxis, numbersOf, rankOf } from "../numbers.js";
import { same } from "../rows.js";
import { axisValue, exchanged } from "./axes.js";

const gather: LiteLowering = (context) => {
	const { node, inputs, input, emit, outputs } = context;
	const rank = rankOf(context, 0);
	if (inputs[0].dtype === "string" && rank > 1)
		throw unfit("TensorFlow Lite gathers single strings only");
	if (numbersOf(context, 2) === undefined) return gatheredLater(context, rank);
	const axis = knownAxis(context, 2, rank);
	const given = intAttr(node, "batch_dims");
	const batchDims = given < 0 ? given + (inputs[1].shape?.length ?? 0) : given;
	return emit("GATHER", [input(0), input(1)], outputs[0], [
		"GatherOptions",
		{ axis, batchDims },
	]);
};

/** Along an axis that a run decides. */
function gatheredLater(context: LiteContext, rank: number): LiteValue {
	const { node, inputs, input, emit } = context;
	if (intAttr(node, "batch_dims") !== 0 || inputs[1].shape?.length !== 1)
		throw unfit("TensorFlow Lite must know the axis beforehand");
	const axis = axisValue(context, 2, rank);
	const turned = exchanged(context, input(0), axis);
	const rows = emit("GATHER", [turned, input(1)], turned, [
		"GatherOptions",
		{ axis: 0 },
	]);
	return exchanged(context, rows, axis);
}

const oneHot: LiteLowering = ({ node, input, inputs, emit, outputs, cast }) =>
	emit(
		"ONE_HOT",
		[
			inputs[0].dtype === "int64" ? input(0) : cast(input(0), "int32"),
			...[1, 2, 3].map((i) => input(i)),
		],
		outputs[0],
		["OneHotOptions", { axis: intAttr(node, "axis") }],
	);

export const indexingRows: LiteTable<typeof indexingOps> = {
	GatherV2: gather,
	GatherNd: same("GATHER_ND"),
	OneHot: oneHot,
	Where: same("WHERE"),
};
