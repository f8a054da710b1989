import { intAttr } from "../../../../graph/attrs.js";
import type { Lowering } from "../../lowering.js";
import { knownRank } from "../array/integers.js";

/** Of depth 0: an axis without elements. */
export const noneHot: Lowering = (context) => {
	const { emit, input, ints, node } = context;
	const axis = intAttr(node, "axis");
	const at = axis < 0 ? knownRank(context) : axis;
	const shape = emit("Shape", [input(0)], {}, { dtype: "int64" });
	const sizes = emit(
		"Concat",
		[
			emit("Slice", [shape, ints([0]), ints([at])]),
			ints([0]),
			emit("Slice", [shape, ints([at]), ints([2 ** 31 - 1])]),
		],
		{ axis: 0 },
	);
	return emit("Expand", [input(3), sizes]);
};
