import type { OnnxGraph } from "../../graph.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";

/** Up to this size an axis is multiplied part by part: shapes are vectors of a few numbers. */
const MAX_PARTS = 8;

/** Multiplies along one axis, which stays with size 1; every product is one of integers and wraps. */
export function productAlong(
	context: LowerContext,
	x: OnnxValue,
	axis: number,
	size: number,
): OnnxValue {
	if (size === 1) return x;
	const { emit, emitMany, ints } = context;
	if (size > 1 && size <= MAX_PARTS)
		return emitMany("Split", [x], new Array(size).fill(x.dtype), {
			axis,
			num_outputs: size,
		}).reduce((total, part) => emit("Mul", [total, part]));
	const sizes = emit("Shape", [x], {}, { dtype: "int64" });
	const rest = emit(
		"Concat",
		[
			emit("Slice", [sizes, ints([0]), ints([axis])]),
			emit("Slice", [sizes, ints([axis + 1]), ints([MAX_RANK])]),
		],
		{ axis: 0 },
	);
	const ones = emit("Expand", [context.scalar(x.dtype, 1), rest]);
	const total = emit("Scan", [ones, x], {
		body: { graph: body(context, x) },
		num_scan_inputs: 1,
		scan_input_axes: [axis],
	});
	return emit("Unsqueeze", [total, ints([axis])]);
}

/** Behind the last axis of any tensor. */
const MAX_RANK = 255;

function body({ node, inputs }: LowerContext, { dtype }: OnnxValue): OnnxGraph {
	const name = (local: string) => `${node.name}/product/${local}`;
	const rank = (inputs[0].shape?.length ?? 1) - 1;
	const port = (local: string) => ({
		name: name(local),
		dtype,
		shape: new Array<number>(rank).fill(-1),
	});
	return {
		name: name("body"),
		inputs: [port("total"), port("element")],
		outputs: [port("next")],
		nodes: [
			{
				op: "Mul",
				domain: "",
				name: name("Mul"),
				inputs: [name("total"), name("element")],
				outputs: [name("next")],
				attrs: {},
			},
		],
		initializers: [],
	};
}
