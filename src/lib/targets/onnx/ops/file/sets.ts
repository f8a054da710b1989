import { fail } from "../../../../errors.js";
import { stringAttr } from "../../../../graph/attrs.js";
import { type Expressions, expressions } from "../../expression.js";
import type { LowerContext, Lowering, OnnxValue } from "../../lowering.js";
import { knownRank } from "../array/integers.js";

/** Whether a value goes into the result, by which of the two sets have it. */
const OPERATIONS: Readonly<
	Record<
		string,
		((e: Expressions, inA: OnnxValue, inB: OnnxValue) => OnnxValue) | undefined
	>
> = {
	"a-b": (e, inA, inB) => e.and(inA, e.not(inB)),
	"b-a": (e, inA, inB) => e.and(inB, e.not(inA)),
	intersection: (e, inA, inB) => e.and(inA, inB),
	union: (e, inA, inB) => e.or(inA, inB),
};

/**
 * Unions and differences of the rows of two tensors (kernels/set_kernels.cc): which row has which of all values, that are
 * there in rising order, as two tables of truth values.
 */
export const denseSets: Lowering = (context) => {
	const { node, emit, emitMany, input, ints } = context;
	const e = expressions(context);
	const name = stringAttr(node, "set_operation").toLowerCase();
	const isWanted = OPERATIONS[name];
	if (isWanted === undefined)
		throw fail("INVALID", `cannot combine sets by "${name}"`);
	const rank = knownRank(context);
	const sets = [input(0), input(1)];
	const flat = sets.map((set) => emit("Reshape", [set, ints([-1])]));
	const { dtype } = sets[0];
	const [values, , numbers] = emitMany(
		"Unique",
		[emit("Concat", flat, { axis: 0 })],
		[dtype, "int64", "int64", "int64"],
		{ sorted: 1 },
	);
	const outer = emit("Shape", [sets[0]], { end: -1 }, { dtype: "int64" });
	const split = emit("Size", [sets[0]], {}, { dtype: "int64" });
	const ends = [emit("Reshape", [split, ints([1])]), ints([2 ** 31 - 1])];
	const starts = [ints([0]), ends[0]];
	const [inA, inB] = sets.map((set, i) =>
		presence(context, {
			numbers: emit("Slice", [numbers, starts[i], ends[i]]),
			rows: emit("ReduceProd", [outer, ints([0])], { keepdims: 1 }),
			width: emit("Shape", [set], { start: -1 }, { dtype: "int64" }),
			count: emit("Shape", [values], {}, { dtype: "int64" }),
		}),
	);
	const isKept = isWanted(e, inA, inB);
	const kept = context.cast(isKept, "int64");
	const places = emit("CumSum", [kept, context.scalar("int64", 1)], {
		exclusive: 1,
	});
	const widest = emit(
		"ReduceMax",
		[
			emit(
				"Concat",
				[emit("ReduceSum", [kept, ints([1])], { keepdims: 0 }), ints([0])],
				{ axis: 0 },
			),
			ints([0]),
		],
		{ keepdims: 1 },
	);
	const found = emit("NonZero", [isKept], {}, { dtype: "int64" });
	const [rows, which] = [0, 1].map((at) =>
		emit("Gather", [found, context.scalar("int64", at)]),
	);
	const pairs = emit("Transpose", [found], { perm: [1, 0] });
	const columns = [
		...coordinates(context, rows, outer, rank - 1),
		emit("GatherND", [places, pairs]),
	].map((column) => emit("Unsqueeze", [column, ints([1])]));
	return [
		emit("Concat", columns, { axis: 1 }),
		emit("Gather", [values, which]),
		emit("Concat", [outer, widest], { axis: 0 }),
	];
};

/** Sizes are vectors of one. */
interface Numbered {
	/** Of each element of a set, the number of its value. */
	readonly numbers: OnnxValue;
	readonly rows: OnnxValue;
	readonly width: OnnxValue;
	/** How many values there are. */
	readonly count: OnnxValue;
}

/** [rows, values]: whether a row has a value. */
function presence(
	{ emit, cast, scalar }: LowerContext,
	{ numbers, rows, width, count }: Numbered,
): OnnxValue {
	const sized = (columns: OnnxValue) =>
		emit("Concat", [rows, columns], { axis: 0 });
	const zero = scalar("int64", 0);
	const none = emit("Expand", [zero, sized(count)]);
	const places = emit("Reshape", [numbers, sized(width)], { allowzero: 1 });
	const ones = emit("Expand", [scalar("int64", 1), sized(width)]);
	const set = emit("ScatterElements", [none, places, ones], { axis: 1 });
	return cast(set, "bool");
}

/** Numbers of rows as places along so many axes. */
function coordinates(
	context: LowerContext,
	rows: OnnxValue,
	outer: OnnxValue,
	axes: number,
): OnnxValue[] {
	const { emit, scalar } = context;
	const { div, mul, sub, max } = expressions(context);
	const made: OnnxValue[] = [];
	let rest = rows;
	for (let axis = axes - 1; axis >= 0; axis--) {
		const size = max(emit("Gather", [outer, scalar("int64", axis)]), 1);
		const next = div(rest, size);
		made.unshift(sub(rest, mul(next, size)));
		rest = next;
	}
	return made;
}
