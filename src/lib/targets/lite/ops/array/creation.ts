import type { creationOps } from "../../../../ops/array/creation.js";
import { tensorFromNumbers } from "../../../../tensor/numbers.js";
import { arithmetic } from "../../arithmetic.js";
import type { LiteLowering, LiteRow, LiteTable } from "../../lowering.js";
import { int32Input, knownNumbers } from "../numbers.js";
import { shapeOf } from "../rows.js";

const filled: LiteLowering = (context) =>
	context.emit(
		"FILL",
		[int32Input(context, 0), context.input(1)],
		context.outputs[0],
	);

const like =
	(value: number): LiteLowering =>
	(context) =>
		context.emit(
			"FILL",
			[
				shapeOf(context, context.input(0)),
				context.scalar(context.inputs[0].dtype, value),
			],
			context.outputs[0],
		);

const range: LiteLowering = ({ input, emit, outputs }) =>
	emit(
		"RANGE",
		[0, 1, 2].map((i) => input(i)),
		outputs[0],
		["RangeOptions", {}],
	);

/** As many steps from the first number to the last. */
const linSpace: LiteLowering = (context) => {
	const { input, inputs, weight } = context;
	const [count] = knownNumbers(context, 2, "how many numbers there are");
	const { add, mul, sub } = arithmetic(context);
	const steps = Array.from({ length: count }, (_, i) =>
		count === 1 ? 0 : i / (count - 1),
	);
	const share = weight(tensorFromNumbers(inputs[0].dtype, [count], steps));
	return add(input(0), mul(share, sub(input(1), input(0))));
};

const broadcastTo: LiteLowering = (context) =>
	context.emit(
		"BROADCAST_TO",
		[context.input(0), int32Input(context, 1)],
		context.outputs[0],
	);

const broadcastArgs: LiteLowering = ({ input, emit, outputs }) =>
	emit("BROADCAST_ARGS", [input(0), input(1)], outputs[0]);

const constant: LiteRow = ({ input }) => input(0);

export const creationRows: LiteTable<typeof creationOps> = {
	Const: constant,
	Fill: filled,
	ZerosLike: like(0),
	OnesLike: like(1),
	Range: range,
	LinSpace: linSpace,
	BroadcastTo: broadcastTo,
	BroadcastArgs: broadcastArgs,
};
