import type { OnnxGraph } from "../../graph.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";
import { cutTo, neverEmpty } from "../../never-empty.js";

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
	const rank = rankOf(context);
	const one = context.scalar(x.dtype, 1);
	// one more that changes nothing: ONNX Runtime does not go along an axis without elements
	const { value, sizes } = neverEmpty(context, x, rank, one, axis);
	const others = ints(
		Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis),
	);
	const padded = emit("Shape", [value], {}, { dtype: "int64" });
	const ones = emit("Expand", [one, emit("Gather", [padded, others])]);
	const total = emit("Scan", [ones, value], {
		body: { graph: body(context, x, axis) },
		num_scan_inputs: 1,
		scan_input_axes: [axis],
	});
	const rest = emit("Gather", [sizes, others]);
	const taken = cutTo(context, total, rest, rank - 1);
	return emit("Unsqueeze", [taken, ints([axis])]);
}

function rankOf({ inputs: [{ shape }] }: LowerContext): number {
	return shape?.length ?? 1;
}

function body(
	context: LowerContext,
	{ dtype }: OnnxValue,
	axis: number,
): OnnxGraph {
	const name = (local: string) =>
		`${context.node.name}/product_${axis}/${local}`;
	const rank = rankOf(context) - 1;
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
