import { boolAttr } from "../../../../graph/attrs.js";
import { tensorFromNumbers } from "../../../../tensor/numbers.js";
import { expressions } from "../../expression.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";
import { neverEmpty } from "../../never-empty.js";

/**
 * Boxes [batch, n, 1 or classes, 4] and scores [batch, n, classes]: each class of each picture is suppressed on its own,
 * then the best of all classes are taken, and padded with zeros.
 */
export function combinedSuppression(context: LowerContext): OnnxValue[] {
	const { node, emit, emitMany, cast, scalar, ints } = context;
	const math = expressions(context);
	const candidates = candidatesOf(context);
	const kept = keptScores(context, candidates);
	const length = resultLength(context, candidates.classes);
	const filler = filled(
		context,
		emit("Concat", [candidates.batch, length], { axis: 0 }),
		Number.NEGATIVE_INFINITY,
	);
	const all = neverEmpty(
		context,
		emit("Concat", [kept, filler], { axis: 1 }),
		2,
		scalar("float32", Number.NEGATIVE_INFINITY),
	);
	const [best, places] = emitMany(
		"TopK",
		[all.value, length],
		["float32", "int64"],
		{ axis: 1 },
	).map((value) =>
		emit("Slice", [value, ints([0]), candidates.batch, ints([0])]),
	);
	const valid = math.greater(best, Number.NEGATIVE_INFINITY);
	const place = emit("Where", [valid, places, scalar("int64", 0)]);
	const classIndex = emit("Div", [place, candidates.count]);
	const boxes = emit(
		"GatherND",
		[
			candidates.flatBoxes,
			emit("Unsqueeze", [
				candidates.shared
					? emit("Sub", [place, emit("Mul", [classIndex, candidates.count])])
					: place,
				ints([-1]),
			]),
		],
		{ batch_dims: 1 },
	);
	const clipped = boolAttr(node, "clip_boxes")
		? math.max(math.min(boxes, 1), 0)
		: boxes;
	const count = emit("ReduceSum", [cast(valid, "int32"), ints([1])], {
		keepdims: 0,
	});
	return [
		math.where(emit("Unsqueeze", [valid, ints([-1])]), clipped, 0),
		math.where(valid, best, 0),
		cast(classIndex, "float32"),
		count,
	];
}

/** A size of 0 in a shape is what it says, as for a batch without pictures. */
const ANY_SIZE = { allowzero: 1 };

interface Candidates {
	/** As ONNX wants them: [groups, n, 4] and [groups, classes of a group, n]. */
	readonly boxes: OnnxValue;
	readonly scores: OnnxValue;
	/** [batch, n, 4] if all classes share the boxes, else [batch, classes · n, 4]. */
	readonly flatBoxes: OnnxValue;
	readonly shared: boolean;
	/** Sizes, int64 [1]. */
	readonly batch: OnnxValue;
	readonly count: OnnxValue;
	readonly classes: OnnxValue;
}

function candidatesOf(context: LowerContext): Candidates {
	const { inputs, emit, input, ints } = context;
	const size = (axis: number) =>
		emit(
			"Shape",
			[input(1)],
			{ start: axis, end: axis + 1 },
			{ dtype: "int64" },
		);
	const [batch, count, classes] = [size(0), size(1), size(2)];
	const scores = emit("Transpose", [input(1)], { perm: [0, 2, 1] });
	if (inputs[0].shape?.[2] === 1) {
		const boxes = emit("Squeeze", [input(0), ints([2])]);
		return {
			boxes,
			scores,
			flatBoxes: boxes,
			shared: true,
			batch,
			count,
			classes,
		};
	}
	const one = ints([1]);
	const each = emit("Expand", [
		emit("Transpose", [input(0)], { perm: [0, 2, 1, 3] }),
		emit("Concat", [one, classes, one, one], { axis: 0 }),
	]);
	const reshaped = (value: OnnxValue, ...shape: OnnxValue[]) =>
		emit("Reshape", [value, emit("Concat", shape, { axis: 0 })], ANY_SIZE);
	const four = ints([4]);
	const groups = emit("Mul", [batch, classes]);
	return {
		boxes: reshaped(each, groups, count, four),
		scores: reshaped(scores, groups, one, count),
		flatBoxes: reshaped(each, batch, emit("Mul", [classes, count]), four),
		shared: false,
		batch,
		count,
		classes,
	};
}

/** [batch, classes · n]: the scores of boxes that are left, minus infinity for the others. */
function keptScores(
	context: LowerContext,
	{ boxes, scores, batch, count, classes }: Candidates,
): OnnxValue {
	const { emit, input, cast } = context;
	const chosen = emit(
		"NonMaxSuppression",
		[boxes, scores, cast(input(2), "int64"), input(4), input(5)],
		{},
		{ dtype: "int64" },
	);
	const none = filled(
		context,
		emit("Shape", [scores], {}, { dtype: "int64" }),
		Number.NEGATIVE_INFINITY,
	);
	const kept = emit("ScatterND", [
		none,
		chosen,
		emit("GatherND", [scores, chosen]),
	]);
	const all = emit("Mul", [classes, count]);
	const shape = emit("Concat", [batch, all], { axis: 0 });
	return emit("Reshape", [kept, shape], ANY_SIZE);
}

/** int64 [1]. */
function resultLength(context: LowerContext, classes: OnnxValue): OnnxValue {
	const { node, emit, input, cast, ints } = context;
	const vector = (index: number) =>
		emit("Reshape", [cast(input(index), "int64"), ints([1])]);
	if (!boolAttr(node, "pad_per_class")) return vector(3);
	return emit("Min", [vector(3), emit("Mul", [vector(2), classes])]);
}

function filled(
	{ emit }: LowerContext,
	shape: OnnxValue,
	value: number,
): OnnxValue {
	return emit(
		"ConstantOfShape",
		[shape],
		{ value: { tensor: tensorFromNumbers("float32", [1], [value]) } },
		{ dtype: "float32" },
	);
}
