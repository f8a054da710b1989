import { intAttr } from "../../../graph/attrs.js";
import type { reduceOps } from "../../../ops/reduce.js";
import { DTYPES } from "../../../tensor/dtype.js";
import { numberTensor } from "../../../tensor/numbers.js";
import { unfit, wraps } from "../arithmetic.js";
import { bool, int } from "../attrs.js";
import type { WebContext, WebLowering, WebTable } from "../lowering.js";
import { withoutNan } from "./extremes.js";
import {
	type Identity,
	LEAST,
	MOST,
	NOT_A_NUMBER,
	ONE,
	reducedNothing,
	ZERO,
} from "./nothing.js";
import { truncated } from "./quotient.js";
import { bools, passed, same, withAttrs } from "./rows.js";
import { segmentSum } from "./scatter.js";

/** Without axes there is nothing to reduce; TensorFlow.js would take all of them. */
function reduction(identity: Identity): WebLowering {
	return (context) => {
		const [values, axes] = context.inputs;
		if (axes.shape?.includes(0) === true) return passed(context);
		return values.shape?.includes(0) === true
			? reducedNothing(context, identity)
			: withAttrs(bools("keep_dims"))(context);
	};
}

const mean: WebLowering = (context) =>
	(isReal(context) ? reduction(NOT_A_NUMBER) : wholeMean)(context);

/** TensorFlow.js returns the mean of whole numbers as a float, TensorFlow drops what is behind the point. */
const wholeMean: WebLowering = (context) => {
	const { node, inputs, input, emit, ints } = context;
	if (inputs[0].shape?.includes(0) === true)
		throw unfit("whole numbers have no mean of nothing");
	const sum = emit("Sum", [input(0), input(1)], bools("keep_dims")(node));
	const axes = emit("FloorMod", [
		emit("Reshape", [input(1), ints([-1])]),
		emit("Rank", [input(0)]),
	]);
	const sizes = emit("GatherV2", [emit("Shape", [input(0)]), axes, ints([0])], {
		batch_dims: int(0),
	});
	return truncated(context, sum, emit("Prod", [sizes, ints([0])]));
};

const euclideanNorm: WebLowering = (context) => {
	const { emit, input, node } = context;
	if (!isReal(context))
		throw unfit("TensorFlow.js computes it in floating point");
	const squares = emit("Square", [input(0)]);
	return emit("Sqrt", [
		emit("Sum", [squares, input(1)], {
			keep_dims: bool(node.attrs.keep_dims === true),
		}),
	]);
};

/** TensorFlow.js 4.22 mistakes an axis that is counted from the end. */
const cumulative: WebLowering = ({
	node,
	inputs,
	input,
	constant,
	emit,
	scalar,
}) => {
	const given = constant(1);
	const axis = given && Number((given.data as Int32Array)[0]);
	const rank = inputs[0].shape?.length;
	const place =
		axis === undefined || (axis < 0 && rank === undefined)
			? emit("FloorMod", [input(1), emit("Rank", [input(0)])])
			: scalar(axis < 0 ? axis + (rank ?? 0) : axis);
	return emit(node.op, [input(0), place], bools("exclusive", "reverse")(node));
};

/** The number of values is an attribute in TensorFlow 1. */
const topK: WebLowering = ({ node, emitMany, input, weight }) =>
	emitMany(
		"TopKV2",
		[input(0), weight(numberTensor("int32", intAttr(node, "k")))],
		2,
		bools("sorted")(node),
	);

function isReal({ inputs }: WebContext): boolean {
	const { kind } = DTYPES[inputs[0].dtype];
	return kind === "float" || kind === "half";
}

export const reduceRows: WebTable<typeof reduceOps> = {
	Sum: wraps(reduction(ZERO)),
	Prod: wraps(reduction(ONE)),
	Max: reduction(LEAST),
	Min: reduction(MOST),
	Mean: mean,
	EuclideanNorm: euclideanNorm,
	All: reduction(ONE),
	Any: reduction(ZERO),
	ArgMax: withoutNan(Number.NEGATIVE_INFINITY),
	ArgMin: withoutNan(Number.POSITIVE_INFINITY),
	Cumsum: wraps(cumulative),
	Cumprod: wraps(cumulative),
	Bincount: wraps(same()),
	DenseBincount: wraps(withAttrs(bools("binary_output"))),
	UnsortedSegmentSum: wraps(segmentSum),
	TopK: topK,
	TopKV2: withAttrs(bools("sorted")),
	Unique: same(),
	UniqueV2: same(),
};
