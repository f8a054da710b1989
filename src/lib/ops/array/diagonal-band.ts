import type { ValueName } from "../../graph/ir.js";
import type { ExpandContext } from "../define.js";
import { formula, type Term } from "../formula.js";
import { movement } from "../movement.js";

/** Which diagonals: from `low` below to `high` above the main one, 0; and on which side the shorter ones stand. */
export interface Band {
	readonly low: number;
	readonly high: number;
	readonly isRightAbove: boolean;
	readonly isRightBelow: boolean;
}

/** The sizes of matrices, and the length of the longest diagonal of a band in them. */
export interface Extent {
	readonly rows: Term;
	readonly columns: Term;
	readonly longest: Term;
}

/** The last two sizes of an input, and a vector of those before. */
export function matrixExtent(context: ExpandContext, index: number) {
	const { element, part, shapeOf } = movement(context);
	const shape = shapeOf(context.inputs[index]);
	return {
		rows: element(shape, -2),
		columns: element(shape, -1),
		batch: part(shape, 0, -2),
	};
}

/** How many elements a diagonal has. */
export function lengthOf(
	context: ExpandContext,
	diagonal: ValueName,
	{ rows, columns }: Extent,
): ValueName {
	const { add, max, min, sub } = formula(context, "int64");
	return min(add(rows, min(diagonal, 0)), sub(columns, max(diagonal, 0)));
}

/** How many places are left free before a diagonal, which stands left or right (matrix_diag_op.cc). */
export function filling(
	context: ExpandContext,
	diagonal: ValueName,
	extent: Extent,
	{ isRightAbove, isRightBelow }: Band,
): Term {
	const { greater, less, sub, where } = formula(context, "int64");
	if (!isRightAbove && !isRightBelow) return 0;
	const gap = sub(extent.longest, lengthOf(context, diagonal, extent));
	if (isRightAbove && isRightBelow) return gap;
	const isRight = isRightAbove ? greater(diagonal, 0) : less(diagonal, 0);
	return where(isRight, gap, 0);
}

/** Which of the values are at least `low` and below `end`. */
export function within(
	context: ExpandContext,
	values: ValueName,
	low: number,
	end: Term,
): ValueName {
	const { greater, less } = formula(context, "int64");
	return context.add("LogicalAnd", [
		greater(values, low - 1),
		less(values, end),
	]);
}
