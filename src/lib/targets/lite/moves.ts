import type { LiteOp } from "../../lite/schema.js";
import type { DType } from "../../tensor/dtype.js";
import type {
	AnyOptions,
	LiteContext,
	LiteResult,
	LiteValue,
} from "./lowering.js";
import { reshaped, shapeOf } from "./ops/rows.js";

/** Operators whose results are elements of their first input, and the type in which they move places of elements. */
export const MOVES: { readonly [Op in LiteOp]?: DType } = {
	BATCH_TO_SPACE_ND: "int32",
	BROADCAST_TO: "int32",
	DEPTH_TO_SPACE: "int32",
	MIRROR_PAD: "int32",
	// places are exact in floats up to 16 million elements
	RESIZE_NEAREST_NEIGHBOR: "float32",
	REVERSE_V2: "int32",
	SPACE_TO_DEPTH: "int32",
	SPLIT: "int32",
	SPLIT_V: "int32",
	TRANSPOSE: "int32",
	UNPACK: "int32",
};

/** Moves the places of elements, and looks the elements up: what has no kernel for a type has one for numbers. */
export function placed(
	context: LiteContext,
	op: LiteOp,
	inputs: readonly (LiteValue | undefined)[],
	results: readonly LiteResult[],
	options?: AnyOptions,
): readonly LiteValue[] {
	const at = op === "SPLIT" ? 1 : 0;
	const value = inputs[at] as LiteValue;
	const dtype = MOVES[op] ?? "int32";
	const places = context.cast(placesOf(context, value), dtype);
	const moved = context.emitMany(
		op,
		inputs.map((input, i) => (i === at ? places : input)),
		results.map(({ shape }) => ({ dtype, shape })),
		options,
	);
	const flat = reshaped(context, value, [-1]);
	return moved.map((place, i) =>
		context.emit("GATHER", [flat, context.cast(place, "int32")], results[i], [
			"GatherOptions",
			{ axis: 0 },
		]),
	);
}

/** 0, 1, 2, … in the shape of a value. */
function placesOf(context: LiteContext, value: LiteValue): LiteValue {
	const { emit, ints, scalar } = context;
	const shape = shapeOf(context, value);
	const count = emit(
		"REDUCE_PROD",
		[shape, ints([0])],
		{ dtype: "int32", shape: [] },
		["ReducerOptions", { keepDims: false }],
	);
	const line = emit(
		"RANGE",
		[scalar("int32", 0), count, scalar("int32", 1)],
		{ dtype: "int32", shape: [-1] },
		["RangeOptions", {}],
	);
	return emit("RESHAPE", [line, shape], {
		dtype: "int32",
		shape: value.shape,
	});
}
