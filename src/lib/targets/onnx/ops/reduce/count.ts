import { fail } from "../../../../errors.js";
import { boolAttr } from "../../../../graph/attrs.js";
import type { countOps } from "../../../../ops/reduce/count.js";
import { expressions } from "../../expression.js";
import type { LowerContext, LoweringTable, OnnxValue } from "../../lowering.js";

export const countLowerings: LoweringTable<typeof countOps> = {
	Bincount: (context) => {
		const { emit, input, ints } = context;
		const numbers = emit("Reshape", [input(0), ints([-1])]);
		return counted(context, numbers, 1, false);
	},
	DenseBincount: (context) => {
		const rank = context.inputs[0].shape?.length;
		if (rank === undefined)
			throw fail(
				"UNSUPPORTED",
				"cannot lower DenseBincount: the rank of its input is not known",
			);
		const { emit, input, ints, node } = context;
		const numbers =
			rank === 0 ? emit("Reshape", [input(0), ints([1])]) : input(0);
		return counted(
			context,
			numbers,
			Math.max(rank, 1),
			boolAttr(node, "binary_output"),
		);
	},
};

/**
 * Adds the weight of each number at its place along the last axis. Numbers from `size` on share a place that is cut off;
 * negative ones have none, which fails as in TensorFlow.
 */
function counted(
	context: LowerContext,
	numbers: OnnxValue,
	rank: number,
	isBinary: boolean,
): OnnxValue {
	const { emit, cast, input, ints, scalar } = context;
	const { where, less, min, add } = expressions(context);
	const size = emit("Reshape", [cast(input(1), "int64"), ints([1])]);
	const wide = cast(numbers, "int64");
	const places = where(less(wide, 0), add(size, 1), min(wide, size));
	const sizes = emit("Shape", [numbers], {}, { dtype: "int64" });
	const rows = emit("Slice", [sizes, ints([0]), ints([rank - 1])]);
	const empty = emit("Expand", [
		scalar(input(2).dtype, 0),
		emit("Concat", [rows, add(size, 1)], { axis: 0 }),
	]);
	const filled = emit(
		"ScatterElements",
		[empty, places, isBinary ? ones(context, sizes) : weights(context, sizes)],
		{ axis: rank - 1, reduction: isBinary ? "none" : "add" },
	);
	return emit("Slice", [filled, ints([0]), size, ints([rank - 1])]);
}

function ones({ emit, input, scalar }: LowerContext, sizes: OnnxValue) {
	return emit("Expand", [scalar(input(2).dtype, 1), sizes]);
}

/** No weights stand for ones: the first so many of the weights, if there are any, and ones. */
function weights(context: LowerContext, sizes: OnnxValue): OnnxValue {
	const { emit, input, inputs, ints } = context;
	if (inputs[2].shape?.includes(0)) return ones(context, sizes);
	const flat = (value: OnnxValue) => emit("Reshape", [value, ints([-1])]);
	const both = emit("Concat", [flat(input(2)), flat(ones(context, sizes))], {
		axis: 0,
	});
	const count = emit("ReduceProd", [sizes, ints([0])], { keepdims: 1 });
	const taken = emit("Slice", [both, ints([0]), count]);
	return emit("Reshape", [taken, sizes], { allowzero: 1 });
}
