import type { comparisonOps } from "../../../../ops/math/comparison.js";
import { canBroadcast } from "../../../../ops/math/comparison.js";
import { elementwise } from "../../elementwise.js";
import type {
	LowerContext,
	Lowering,
	LoweringTable,
	OnnxValue,
} from "../../lowering.js";
import { composed, direct, predicate } from "./rows.js";

/** Shapes that do not broadcast are simply unequal; ops/math/comparison.ts says when that may be. */
function equality(isEqual: boolean): Lowering {
	const compare = isEqual
		? predicate("Equal")
		: composed(({ equal, not }, [x, y]) => not(equal(x, y)));
	return (context) => {
		const [x, y] = context.inputs;
		return canBroadcast(x.shape, y.shape)
			? compare(context)
			: context.scalar("bool", Number(!isEqual));
	};
}

const selectBroadcast: Lowering = (context) => elementwise(context, "Where");

/** A condition of fewer axes than what it chooses from stands for its first ones. */
const select: Lowering = (context) => {
	const { emit, input, inputs } = context;
	const [condition, t] = inputs;
	if (condition.shape?.length === 0) return selectBroadcast(context);
	if (
		condition.shape !== undefined &&
		condition.shape.length === t.shape?.length
	)
		return selectBroadcast(context);
	return emit("Where", [rowCondition(context), input(1), input(2)]);
};

/** The condition with axes of size 1 behind it, as many as the operands have more. */
function rowCondition({ emit, input, ints }: LowerContext): OnnxValue {
	const shapeOf = (value: OnnxValue) =>
		emit("Shape", [value], {}, { dtype: "int64" });
	const sizes = shapeOf(input(0));
	const missing = emit("Sub", [shapeOf(shapeOf(input(1))), shapeOf(sizes)]);
	const ones = emit("Expand", [ints([1]), missing]);
	return emit("Reshape", [
		input(0),
		emit("Concat", [sizes, ones], { axis: 0 }),
	]);
}

export const comparisonLowerings: LoweringTable<typeof comparisonOps> = {
	Equal: equality(true),
	NotEqual: equality(false),
	Less: predicate("Less"),
	LessEqual: predicate("LessOrEqual"),
	Greater: predicate("Greater"),
	GreaterEqual: predicate("GreaterOrEqual"),
	LogicalAnd: direct("And"),
	LogicalOr: direct("Or"),
	LogicalNot: direct("Not"),
	Select: select,
	SelectV2: selectBroadcast,
};
