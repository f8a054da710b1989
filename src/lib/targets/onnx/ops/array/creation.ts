import type { creationOps } from "../../../../ops/array/creation.js";
import { DTYPES } from "../../../../tensor/dtype.js";
import type {
	LowerContext,
	Lowering,
	LoweringTable,
	OnnxValue,
} from "../../lowering.js";
import { integerScalar, integerVector, knownIntegers } from "./integers.js";
import { oriented } from "./orientation.js";
import { zeroOf } from "./zero.js";

function like(fill: (context: LowerContext) => OnnxValue): Lowering {
	return (context) => {
		const { value, result } = oriented(context);
		const shape = context.emit("Shape", [value], {}, { dtype: "int64" });
		return result(context.emit("Expand", [fill(context), shape]));
	};
}

/** TensorFlow counts steps of floats in their own precision, ONNX Runtime in double: it is given an end between two steps. */
const range: Lowering = (context) => {
	const { emit, cast, inputs, ints, scalar } = context;
	const [start, limit, delta] = [0, 1, 2].map((index) =>
		inputs[index].shape?.length === 0
			? context.input(index)
			: emit("Reshape", [context.input(index), ints([])]),
	);
	const { dtype } = start;
	if (DTYPES[dtype].kind !== "float")
		return emit("Range", [start, limit, delta]);
	const steps = emit("Ceil", [
		emit("Div", [emit("Sub", [limit, start]), delta]),
	]);
	const half = emit("Sub", [steps, scalar(dtype, 0.5)]);
	const wide = (value: OnnxValue) => cast(value, "float64");
	const end = emit("Add", [
		wide(start),
		emit("Mul", [wide(half), wide(delta)]),
	]);
	return emit("Range", [start, cast(end, dtype), delta]);
};

/** start + i·(stop − start)/(num − 1), and the last is `stop` itself; a single one is the start (sequence_ops.cc). */
const linSpace: Lowering = (context) => {
	const { emit, cast, scalar } = context;
	const [start, stop] = [context.input(0), context.input(1)];
	const { dtype } = start;
	const one = scalar("int64", 1);
	const count = integerScalar(context, 2);
	const last = emit("Sub", [count, one]);
	const step = emit("Div", [
		emit("Sub", [stop, start]),
		cast(emit("Max", [last, one]), dtype),
	]);
	const places = emit("Range", [scalar("int64", 0), count, one]);
	const values = emit("Add", [start, emit("Mul", [cast(places, dtype), step])]);
	const isLast = emit(
		"Equal",
		[places, emit("Max", [last, one])],
		{},
		{ dtype: "bool" },
	);
	return emit("Where", [isLast, stop, values]);
};

const broadcastTo: Lowering = (context) => {
	const { emit, inputs, ints, outputs } = context;
	const shape = outputs[0].shape;
	const isAligned =
		shape !== undefined && shape.length === inputs[0].shape?.length;
	if (!isAligned)
		return emit("Expand", [context.input(0), integerVector(context, 1)]);
	const { value, list, rows, result } = oriented(context);
	const wanted = knownIntegers(context, 1);
	const sizes =
		wanted === undefined ? rows(integerVector(context, 1)) : ints(list(wanted));
	return result(emit("Expand", [value, sizes]));
};

/** The shape of what two tensors of these shapes broadcast to. */
const broadcastArgs: Lowering = (context) => {
	const { emit, cast, scalar, outputs } = context;
	const [a, b] = [0, 1].map((index) =>
		emit("Expand", [scalar("bool", 1), integerVector(context, index)]),
	);
	const shape = emit("Shape", [emit("And", [a, b])], {}, { dtype: "int64" });
	return cast(shape, outputs[0].dtype);
};

export const creationLowerings: LoweringTable<typeof creationOps> = {
	// constants are made where they are used; see builder.ts
	Const: () => [],
	Fill: (context) =>
		context.emit("Expand", [context.input(1), integerVector(context, 0)]),
	ZerosLike: like((context) => zeroOf(context, context.input(0).dtype)),
	OnesLike: like((context) => context.scalar(context.input(0).dtype, 1)),
	Range: range,
	LinSpace: linSpace,
	BroadcastTo: broadcastTo,
	BroadcastArgs: broadcastArgs,
};
