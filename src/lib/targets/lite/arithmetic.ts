import type { LiteOp } from "../../lite/schema.js";
import type { LiteContext, LiteValue } from "./lowering.js";
import { binary, selected, unary } from "./ops/rows.js";

type Operand = LiteValue | number;

/** Formulas of operators; a number stands for a scalar of the type of what it meets. */
export interface Arithmetic {
	add(x: Operand, y: Operand): LiteValue;
	sub(x: Operand, y: Operand): LiteValue;
	mul(x: Operand, y: Operand): LiteValue;
	div(x: Operand, y: Operand): LiteValue;
	max(x: Operand, y: Operand): LiteValue;
	min(x: Operand, y: Operand): LiteValue;
	/** Any operator of two values of one type. */
	both(op: LiteOp, x: Operand, y: Operand): LiteValue;
	/** Any operator of one value that gives its type. */
	of(op: LiteOp, x: LiteValue): LiteValue;
	equal(x: Operand, y: Operand): LiteValue;
	less(x: Operand, y: Operand): LiteValue;
	/** `yes` where the condition holds. */
	choose(condition: LiteValue, yes: Operand, no: Operand): LiteValue;
}

export function arithmetic(context: LiteContext): Arithmetic {
	const pair = (x: Operand, y: Operand): readonly [LiteValue, LiteValue] => {
		const typed = (typeof x === "number" ? y : x) as LiteValue;
		const value = (operand: Operand) =>
			typeof operand === "number"
				? context.scalar(typed.dtype, operand)
				: operand;
		return [value(x), value(y)];
	};
	const both: Arithmetic["both"] = (op, x, y) =>
		binary(context, op, ...pair(x, y));
	const compare = (op: LiteOp, x: Operand, y: Operand) =>
		binary(context, op, ...pair(x, y), "bool");
	return {
		both,
		add: (x, y) => both("ADD", x, y),
		sub: (x, y) => both("SUB", x, y),
		mul: (x, y) => both("MUL", x, y),
		div: (x, y) => both("DIV", x, y),
		max: (x, y) => both("MAXIMUM", x, y),
		min: (x, y) => both("MINIMUM", x, y),
		of: (op, x) => unary(context, op, x),
		equal: (x, y) => compare("EQUAL", x, y),
		less: (x, y) => compare("LESS", x, y),
		choose: (condition, yes, no) => {
			const [a, b] = pair(yes, no);
			return selected(context, condition, a, b);
		},
	};
}
