import type { LiteOp } from "../../../../lite/schema.js";
import type { comparisonOps } from "../../../../ops/math/comparison.js";
import { type LiteLowering, type LiteTable, unfit } from "../../lowering.js";
import { binary, reshaped, selected } from "../rows.js";

/** Where shapes do not broadcast, TensorFlow Lite fails, and TensorFlow where it is asked to. */
const comparison =
	(op: LiteOp): LiteLowering =>
	(context) =>
		binary(context, op, context.input(0), context.input(1), "bool");

/** A condition of fewer axes than what it chooses from stands for its first ones. */
const select: LiteLowering = (context) => {
	const { inputs, input } = context;
	const ranks = inputs.map(({ shape }) => shape?.length);
	if (ranks[0] === undefined || ranks[1] === undefined)
		throw unfit("TensorFlow Lite must know how many axes the condition has");
	const missing = ranks[1] - ranks[0];
	const condition =
		missing === 0 || ranks[0] === 0
			? input(0)
			: reshaped(context, input(0), [
					inputs[0].shape?.[0] ?? -1,
					...new Array<number>(missing).fill(1),
				]);
	return selected(context, condition, input(1), input(2));
};

const logicalNot: LiteLowering = ({ emit, input }) =>
	emit("LOGICAL_NOT", [input(0)], input(0));

export const comparisonRows: LiteTable<typeof comparisonOps> = {
	Equal: comparison("EQUAL"),
	NotEqual: comparison("NOT_EQUAL"),
	Less: comparison("LESS"),
	LessEqual: comparison("LESS_EQUAL"),
	Greater: comparison("GREATER"),
	GreaterEqual: comparison("GREATER_EQUAL"),
	LogicalAnd: comparison("LOGICAL_AND"),
	LogicalOr: comparison("LOGICAL_OR"),
	LogicalNot: logicalNot,
	Select: select,
	SelectV2: (context) =>
		selected(context, context.input(0), context.input(1), context.input(2)),
};
