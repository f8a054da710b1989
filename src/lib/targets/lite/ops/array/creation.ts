import type { creationOps } from "../../../../ops/array/creation.js";
import { tensorFromNumbers } from "../../../../tensor/numbers.js";
import { arithmetic } from "../../arithmetic.js";
import { flooredQuotient } from "../../division.js";
import type {
	LiteContext,
	LiteLowering,
	LiteRow,
	LiteTable,
	LiteValue,
} from "../../lowering.js";
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
	(context) => {
		const { emit, scalar, weight, input, inputs, outputs } = context;
		const { dtype } = inputs[0];
		const filling =
			dtype === "string"
				? weight({ dtype, shape: [], data: [new Uint8Array(0)] })
				: scalar(dtype, value);
		return emit("FILL", [shapeOf(context, input(0)), filling], outputs[0]);
	};

/** Places are counted in 32 bits: runtimes before 2.14 do not count in 64. */
const range: LiteLowering = (context) => {
	const { input, emit, outputs, isSize, cast } = context;
	const isSmall = [0, 1, 2].every((i) => isSize(i));
	const isLong = outputs[0].dtype === "int64";
	if (isLong && !isSmall) return longRange(context);
	const dtype = isLong ? "int32" : outputs[0].dtype;
	const made = emit(
		"RANGE",
		[0, 1, 2].map((i) => cast(input(i), dtype)),
		{ dtype, shape: outputs[0].shape },
		["RangeOptions", {}],
	);
	return cast(made, outputs[0].dtype);
};

/** start + delta · 0, 1, 2, … */
function longRange(context: LiteContext): LiteValue {
	const { input, emit, outputs, cast, scalar } = context;
	const { sub, max, add, mul, of } = arithmetic(context);
	const [start, limit, delta] = [0, 1, 2].map(input);
	const count = of("NEG", flooredQuotient(context, sub(start, limit), delta));
	const places = emit(
		"RANGE",
		[scalar("int32", 0), cast(max(count, 0), "int32"), scalar("int32", 1)],
		{ dtype: "int32", shape: outputs[0].shape },
		["RangeOptions", {}],
	);
	return add(mul(cast(places, "int64"), delta), start);
}

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
