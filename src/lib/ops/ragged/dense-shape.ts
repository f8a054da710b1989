import { fail } from "../../errors.js";
import { type Shape, showShape } from "../../tensor/tensor.js";

/**
 * The shape of a ragged tensor made dense, -1 where its rows decide: what was asked for, of values of such a shape
 * (`CombineRaggedTensorToTensorShapes` in util/ragged_to_dense_util_common.cc). Fails with INVALID where they contradict
 * each other.
 */
export function denseShape(
	wanted: Shape,
	raggedRank: number,
	values: Shape,
): Shape {
	if (values === undefined) return wanted;
	const rank = raggedRank + values.length;
	const given = wanted ?? new Array<number>(rank).fill(-1);
	if (given.length !== rank) throw contradiction(given, raggedRank, values);
	return given.map((size, axis) => {
		if (axis <= raggedRank) return size;
		const inner = values[axis - raggedRank];
		if (size >= 0 && inner >= 0 && size !== inner)
			throw contradiction(given, raggedRank, values);
		return Math.max(size, inner);
	});
}

function contradiction(given: Shape, raggedRank: number, values: Shape) {
	return fail(
		"INVALID",
		`cannot make a tensor of shape ${showShape(given)}: there are ${raggedRank} ragged axes around values of shape ${showShape(values)}`,
	);
}
