import { fail } from "../../../errors.js";
import { boolAttr } from "../../../graph/attrs.js";
import type { reduceOps } from "../../../ops/reduce.js";
import { normalizeAxis } from "../../../ops/shapes.js";
import { storageType } from "../kernels.js";
import { channelsFirstAxis } from "../layout.js";
import type {
	LowerContext,
	Lowering,
	LoweringTable,
	OnnxValue,
} from "../lowering.js";

function reduction(op: string): Lowering {
	return (context) => {
		const axes = constantAxes(context);
		const keepDims = boolAttr(context.node, "keep_dims");
		if (axes === undefined) return reducedAtRunTime(context, op, keepDims);
		if (axes.length === 0) return context.emit("Identity", [context.input(0)]);
		return (
			reducedChannelsFirst(context, op, axes, keepDims) ??
			context.emit(op, [context.input(0), context.ints(axes)], {
				keepdims: Number(keepDims),
			})
		);
	};
}

/** The axes, not negative, if they are constants and the rank is known. */
function constantAxes({
	constant,
	inputs: [{ shape }],
}: LowerContext): readonly number[] | undefined {
	const tensor = constant(1);
	if (tensor === undefined) return undefined;
	const axes = Array.from(tensor.data as ArrayLike<number | bigint>, Number);
	return shape === undefined
		? axes
		: [...new Set(axes.map((axis) => normalizeAxis(axis, shape.length)))];
}

/** No axes mean no reduction in TensorFlow, all axes in ONNX unless told otherwise. */
function reducedAtRunTime(
	context: LowerContext,
	op: string,
	keepDims: boolean,
): OnnxValue {
	const axes = context.emit("Reshape", [
		context.cast(context.input(1), "int64"),
		context.ints([-1]),
	]);
	return context.emit(op, [context.input(0), axes], {
		keepdims: Number(keepDims),
		noop_with_empty_axes: 1,
	});
}

/** Reduces a value that is channels first where that gives the same order of axes, or keeps all of them. */
function reducedChannelsFirst(
	context: LowerContext,
	op: string,
	axes: readonly number[],
	keepDims: boolean,
): OnnxValue | undefined {
	const rank = context.inputs[0].shape?.length;
	if (rank === undefined || !context.isChannelsFirst(0)) return undefined;
	const isSpatial =
		axes.length === rank - 2 &&
		axes.every((axis) => axis > 0 && axis < rank - 1);
	if (!keepDims && !isSpatial && !axes.includes(rank - 1)) return undefined;
	const x = context.channelsFirst(0);
	const mapped = context.ints(
		axes.map((axis) => channelsFirstAxis(axis, rank)).sort((a, b) => a - b),
	);
	const isPooling = op === "ReduceMean" && isSpatial && x.dtype === "float32";
	if (!isPooling) {
		const output = context.emit(op, [x, mapped], {
			keepdims: Number(keepDims),
		});
		return keepDims ? { ...output, channelsFirst: true } : output;
	}
	const pooled = context.emit("GlobalAveragePool", [x]);
	return keepDims
		? { ...pooled, channelsFirst: true }
		: context.emit("Squeeze", [pooled, mapped]);
}

function position(op: string): Lowering {
	return (context) => {
		const axis = context.constant(1);
		if (axis === undefined)
			throw fail(
				"UNSUPPORTED",
				`cannot lower ${context.node.op}: its axis is computed at run time, ONNX wants a constant`,
			);
		const found = context.emit(
			op,
			[context.input(0)],
			{ axis: Number(axis.data[0]), keepdims: 0 },
			{ dtype: "int64" },
		);
		return context.cast(found, context.outputs[0].dtype);
	};
}

const topK: Lowering = (context) => {
	const [values, indices] = context.outputs;
	const k =
		context.inputs[1] === undefined
			? context.ints([context.node.attrs.k as number])
			: context.emit("Reshape", [
					context.cast(context.input(1), "int64"),
					context.ints([1]),
				]);
	const [top, positions] = context.emitMany(
		"TopK",
		[context.input(0), k],
		[storageType(values.dtype) ?? values.dtype, "int64"],
		{ axis: -1 },
	);
	return [top, context.cast(positions, indices.dtype)];
};

const cumulativeSum: Lowering = (context) => {
	const { node } = context;
	const axis = context.cast(context.input(1), "int64");
	return context.emit("CumSum", [context.input(0), axis], {
		exclusive: Number(boolAttr(node, "exclusive")),
		reverse: Number(boolAttr(node, "reverse")),
	});
};

const unique: Lowering = (context) => {
	const [values, indices] = context.outputs;
	const made = context.emitMany(
		"Unique",
		[context.input(0)],
		[storageType(values.dtype) ?? values.dtype, "int64", "int64", "int64"],
		{ sorted: 0 },
	);
	return [made[0], context.cast(made[2], indices.dtype)];
};

export const reduceLowerings: LoweringTable<typeof reduceOps> = {
	Sum: reduction("ReduceSum"),
	Prod: reduction("ReduceProd"),
	Max: reduction("ReduceMax"),
	Min: reduction("ReduceMin"),
	Mean: reduction("ReduceMean"),
	EuclideanNorm: reduction("ReduceL2"),
	All: reduction("ReduceMin"),
	Any: reduction("ReduceMax"),
	ArgMax: position("ArgMax"),
	ArgMin: position("ArgMin"),
	Cumsum: cumulativeSum,
	TopK: topK,
	TopKV2: topK,
	Unique: unique,
};
