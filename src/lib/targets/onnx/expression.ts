import type { DType } from "../../tensor/dtype.js";
import type { OnnxAttrs } from "./graph.js";
import type { LowerContext, OnnxValue } from "./lowering.js";

/** What adds nodes and constants to a graph: a row's own, or that of a loop's body. */
export type Emitter = Pick<LowerContext, "emit" | "scalar" | "ints">;

/** A value, or a number that stands for a scalar of the other operand's element type. */
export type Operand = OnnxValue | number;

/** Formulas in ONNX nodes, for rows that take more than one of them. */
export interface Expressions {
	/** A function of one value with an ONNX op of its own: `Abs`, `Floor`, `Log` … */
	of(op: string, x: OnnxValue, attrs?: OnnxAttrs): OnnxValue;
	/** A test of one value: `IsNaN`, `IsInf`. */
	test(op: string, x: OnnxValue): OnnxValue;
	add(a: Operand, b: Operand): OnnxValue;
	sub(a: Operand, b: Operand): OnnxValue;
	mul(a: Operand, b: Operand): OnnxValue;
	div(a: Operand, b: Operand): OnnxValue;
	max(a: Operand, b: Operand): OnnxValue;
	min(a: Operand, b: Operand): OnnxValue;
	less(a: Operand, b: Operand): OnnxValue;
	greater(a: Operand, b: Operand): OnnxValue;
	equal(a: Operand, b: Operand): OnnxValue;
	/** Holds where `condition` does not. */
	not(condition: OnnxValue): OnnxValue;
	and(a: OnnxValue, b: OnnxValue): OnnxValue;
	or(a: OnnxValue, b: OnnxValue): OnnxValue;
	xor(a: OnnxValue, b: OnnxValue): OnnxValue;
	where(condition: OnnxValue, a: Operand, b: Operand): OnnxValue;
}

export function expressions({
	emit,
	scalar,
}: Pick<Emitter, "emit" | "scalar">): Expressions {
	const pair = (a: Operand, b: Operand): [OnnxValue, OnnxValue] => {
		const dtype = typeOf(a, b);
		const value = (operand: Operand) =>
			typeof operand === "number" ? scalar(dtype, operand) : operand;
		return [value(a), value(b)];
	};
	const binary = (op: string) => (a: Operand, b: Operand) =>
		emit(op, pair(a, b));
	/** ONNX Runtime compares the lower halves of int64 as if they had signs, in what picks one of two but not in comparisons. */
	const chosen =
		(op: string, comparison: string) => (a: Operand, b: Operand) => {
			const operands = pair(a, b);
			if (operands[0].dtype !== "int64") return emit(op, operands);
			const isFirst = emit(comparison, operands, {}, { dtype: "bool" });
			return emit("Where", [isFirst, ...operands]);
		};
	const comparison = (op: string) => (a: Operand, b: Operand) =>
		emit(op, pair(a, b), {}, { dtype: "bool" });
	return {
		of: (op, x, attrs) => emit(op, [x], attrs),
		test: (op, x) => emit(op, [x], {}, { dtype: "bool" }),
		add: binary("Add"),
		sub: binary("Sub"),
		mul: binary("Mul"),
		div: binary("Div"),
		max: chosen("Max", "Greater"),
		min: chosen("Min", "Less"),
		less: comparison("Less"),
		greater: comparison("Greater"),
		equal: comparison("Equal"),
		not: (condition) => emit("Not", [condition]),
		and: (a, b) => emit("And", [a, b]),
		or: (a, b) => emit("Or", [a, b]),
		xor: (a, b) => emit("Xor", [a, b]),
		where: (condition, a, b) => emit("Where", [condition, ...pair(a, b)]),
	};
}

/** Two numbers say nothing of their type; no formula needs that. */
function typeOf(a: Operand, b: Operand): DType {
	if (typeof a !== "number") return a.dtype;
	return typeof b === "number" ? "float32" : b.dtype;
}
