import { functionAttr } from "../../../../graph/attrs.js";
import { isStatic } from "../../../../ops/shapes.js";
import { countedLoop } from "../../../../passes/bodies/counted.js";
import { arithmetic } from "../../arithmetic.js";
import { type LiteContext, type LiteValue, unfit } from "../../lowering.js";
import { joined, shapeOf } from "../rows.js";

/** What goes round with a loop that stacks values: a counter, and a tensor with a row a round for each of them. */
export interface Accumulators {
	readonly starts: readonly LiteValue[];
	/** After a round that made these items. */
	next(
		context: LiteContext,
		carried: readonly LiteValue[],
		items: readonly LiteValue[],
	): readonly LiteValue[];
}

/** Fails with UNSUPPORTED where it is not known before the loop how many rounds there are, or how large items. */
export function accumulators(
	context: LiteContext,
	args: readonly LiteValue[],
): Accumulators {
	const { node, outputs, scalar } = context;
	const stacked = outputs.slice(args.length);
	if (stacked.length === 0) return { starts: [], next: () => [] };
	const rounds = roundsOf(context);
	return {
		starts: [
			scalar("int32", 0),
			...stacked.map((_, i) =>
				emptyRows(context, rounds, args, node.inputs.length + i),
			),
		],
		next: (inner, [counter, ...rows], items) => [
			arithmetic(inner).add(counter, 1),
			...rows.map((row, i) => withRow(inner, row, items[i], counter)),
		],
	};
}

/** How many rounds a loop has, as a vector of one. */
function roundsOf(context: LiteContext): LiteValue {
	const { node, bodyOf, types, ints, input, cast } = context;
	const [body, cond] = ["body", "cond"].map((attr) =>
		bodyOf(functionAttr(node, attr)),
	);
	const counted = countedLoop(node, body, cond, types);
	if (counted === undefined)
		throw unfit("TensorFlow Lite must know how many rounds there are");
	const { rounds } = counted;
	if ("known" in rounds) return ints([rounds.known]);
	const count = cast(input(node.inputs.indexOf(rounds.value)), "int32");
	return vectorOf(context, count);
}

/** Zeros for as many items as there are rounds; an item may be as large as what a loop carries. */
function emptyRows(
	context: LiteContext,
	rounds: LiteValue,
	args: readonly LiteValue[],
	place: number,
): LiteValue {
	const { emit, ints, scalar, outputs, node, bodyOf, types } = context;
	const body = bodyOf(functionAttr(node, "body"));
	const item = body.outputs[place].value;
	const { shape } = types.typeOf(item);
	const like = body.outputs.findIndex(
		({ value }, i) => i < args.length && value === item,
	);
	const sizes = isStatic(shape)
		? ints(shape)
		: like < 0
			? undefined
			: shapeOf(context, args[like]);
	if (sizes === undefined)
		throw unfit("TensorFlow Lite must know the sizes of what a loop stacks");
	const { dtype } = outputs[place];
	return emit("FILL", [joined(context, [rounds, sizes], 0), scalar(dtype, 0)], {
		dtype,
		shape: outputs[place].shape ?? (shape && [-1, ...shape]),
	});
}

/**
 * A vector of one number. Runtimes compute sizes while they prepare a graph, and take what a slice of a shape holds then for
 * its value after a RESHAPE; they run a PACK first.
 */
export function vectorOf({ emit }: LiteContext, number: LiteValue): LiteValue {
	return emit("PACK", [number], { dtype: number.dtype, shape: [1] }, [
		"PackOptions",
		{ valuesCount: 1, axis: 0 },
	]);
}

/** Rows with an item at a place. */
export function withRow(
	context: LiteContext,
	rows: LiteValue,
	item: LiteValue,
	place: LiteValue,
): LiteValue {
	const { emit, ints } = context;
	const rank = item.shape?.length;
	if (rank === undefined)
		throw unfit("TensorFlow Lite must know how many axes an item has");
	const row = emit("EXPAND_DIMS", [item, ints([0])], {
		dtype: item.dtype,
		shape: item.shape && [1, ...item.shape],
	});
	const first = vectorOf(context, place);
	const start =
		rank === 0
			? first
			: joined(context, [first, ints(new Array<number>(rank).fill(0))], 0);
	return emit("DYNAMIC_UPDATE_SLICE", [rows, row, start], rows);
}
