import { intAttr } from "../../../graph/attrs.js";
import type { reduceOps } from "../../../ops/reduce.js";
import { DTYPES } from "../../../tensor/dtype.js";
import { numberTensor } from "../../../tensor/numbers.js";
import { unfit, wraps } from "../arithmetic.js";
import { bool } from "../attrs.js";
import type { WebContext, WebLowering, WebTable } from "../lowering.js";
import { bools, passed, same, withAttrs } from "./rows.js";

/** Without axes there is nothing to reduce; TensorFlow.js would take all of them. */
const reduction: WebLowering = (context) => {
	const [values, axes] = context.inputs;
	if (axes.shape?.includes(0) === true) return passed(context);
	if (values.shape?.includes(0) === true)
		throw unfit("TensorFlow.js reduces no elements to whatever memory holds");
	return withAttrs(bools("keep_dims"))(context);
};

const mean: WebLowering = (context) => {
	if (!isReal(context))
		throw unfit("TensorFlow.js returns the mean of whole numbers as a float");
	return reduction(context);
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
	weight,
}) => {
	const given = constant(1);
	const axis = given && Number((given.data as Int32Array)[0]);
	const rank = inputs[0].shape?.length;
	if (axis === undefined || (axis < 0 && rank === undefined))
		throw unfit("TensorFlow.js must know the axis, counted from the first");
	const place = axis < 0 ? axis + (rank ?? 0) : axis;
	return emit(
		node.op,
		[input(0), weight(numberTensor("int32", place))],
		bools("exclusive", "reverse")(node),
	);
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
	Sum: wraps(reduction),
	Prod: wraps(reduction),
	Max: reduction,
	Min: reduction,
	Mean: mean,
	EuclideanNorm: euclideanNorm,
	All: reduction,
	Any: reduction,
	ArgMax: same(),
	ArgMin: same(),
	Cumsum: wraps(cumulative),
	Cumprod: wraps(cumulative),
	Bincount: wraps(same()),
	DenseBincount: wraps(withAttrs(bools("binary_output"))),
	TopK: topK,
	TopKV2: withAttrs(bools("sorted")),
	Unique: same(),
	UniqueV2: same(),
};
