import type { OnnxAttrs } from "../../graph.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";

/** What adds nodes and constants to a graph. */
export type Emitter = Pick<LowerContext, "emit" | "scalar" | "ints">;

type Operand = OnnxValue | number;

/** Formulas in ONNX nodes: a number stands for a constant of the other operand's type. */
export interface Arithmetic {
	add(a: Operand, b: Operand): OnnxValue;
	sub(a: Operand, b: Operand): OnnxValue;
	mul(a: Operand, b: Operand): OnnxValue;
	div(a: Operand, b: Operand): OnnxValue;
	max(a: Operand, b: Operand): OnnxValue;
	min(a: Operand, b: Operand): OnnxValue;
	less(a: Operand, b: Operand): OnnxValue;
	greater(a: Operand, b: Operand): OnnxValue;
	equal(a: Operand, b: Operand): OnnxValue;
	and(a: OnnxValue, b: OnnxValue): OnnxValue;
	not(a: OnnxValue): OnnxValue;
	where(condition: OnnxValue, a: Operand, b: Operand): OnnxValue;
	/** A function of one value: `Floor`, `Abs`, `Sin` … */
	of(op: string, a: OnnxValue, attrs?: OnnxAttrs): OnnxValue;
}

export function arithmetic({ emit, scalar }: Emitter): Arithmetic {
	const typed = (operands: readonly Operand[]) => {
		const value = operands.find((operand) => typeof operand !== "number");
		const dtype = value === undefined ? "float32" : (value as OnnxValue).dtype;
		return operands.map((operand) =>
			typeof operand === "number" ? scalar(dtype, operand) : operand,
		);
	};
	const binary = (op: string) => (a: Operand, b: Operand) =>
		emit(op, typed([a, b]));
	const comparison = (op: string) => (a: Operand, b: Operand) =>
		emit(op, typed([a, b]), {}, { dtype: "bool" });
	return {
		add: binary("Add"),
		sub: binary("Sub"),
		mul: binary("Mul"),
		div: binary("Div"),
		max: binary("Max"),
		min: binary("Min"),
		less: comparison("Less"),
		greater: comparison("Greater"),
		equal: comparison("Equal"),
		and: (a, b) => emit("And", [a, b]),
		not: (a) => emit("Not", [a]),
		where: (condition, a, b) => emit("Where", [condition, ...typed([a, b])]),
		of: (op, a, attrs) => emit(op, [a], attrs),
	};
}
