import type { LowerContext, OnnxValue } from "../../lowering.js";

/**
 * Slices along an axis. Of a slice of strings ONNX Runtime's Gather copies the first only, so they are gathered one by
 * one: the places of all elements are, as numbers, and then the elements of a vector.
 */
export function gathered(
	{ emit, ints, scalar }: LowerContext,
	value: OnnxValue,
	indices: OnnxValue,
	axis: number,
): OnnxValue {
	if (value.dtype !== "string")
		return emit("Gather", [value, indices], { axis });
	const count = emit("Size", [value], {}, { dtype: "int64" });
	const shape = emit("Shape", [value], {}, { dtype: "int64" });
	const all = emit("Range", [scalar("int64", 0), count, scalar("int64", 1)]);
	const places = emit("Reshape", [all, shape], { allowzero: 1 });
	return emit("Gather", [
		emit("Reshape", [value, ints([-1])]),
		emit("Gather", [places, indices], { axis }),
	]);
}
