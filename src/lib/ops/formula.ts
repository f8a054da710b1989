import type { ValueName } from "../graph/ir.js";
import type { DType } from "../tensor/dtype.js";
import type { ExpandContext } from "./define.js";

/** A value, or a number that stands for a scalar constant. */
export type Term = ValueName | number;

/** Formulas in TensorFlow nodes, for what composite ops compute element by element. All operands are of one type. */
export interface Formula {
	add(a: Term, b: Term): ValueName;
	sub(a: Term, b: Term): ValueName;
	mul(a: Term, b: Term): ValueName;
	div(a: Term, b: Term): ValueName;
	max(a: Term, b: Term): ValueName;
	min(a: Term, b: Term): ValueName;
	floorDiv(a: Term, b: Term): ValueName;
	floorMod(a: Term, b: Term): ValueName;
	less(a: Term, b: Term): ValueName;
	greater(a: Term, b: Term): ValueName;
	equal(a: Term, b: Term): ValueName;
	where(condition: ValueName, a: Term, b: Term): ValueName;
	/** A function of one value: `Abs`, `Floor`, `Neg` … */
	of(op: string, a: Term): ValueName;
}

export function formula({ add, scalar }: ExpandContext, T: DType): Formula {
	const value = (term: Term) =>
		typeof term === "number" ? scalar(T, term) : term;
	const binary = (op: string) => (a: Term, b: Term) =>
		add(op, [value(a), value(b)], { T });
	return {
		add: binary("AddV2"),
		sub: binary("Sub"),
		mul: binary("Mul"),
		div: binary("RealDiv"),
		max: binary("Maximum"),
		min: binary("Minimum"),
		floorDiv: binary("FloorDiv"),
		floorMod: binary("FloorMod"),
		less: binary("Less"),
		greater: binary("Greater"),
		equal: (a, b) =>
			add("Equal", [value(a), value(b)], { T, incompatible_shape_error: true }),
		where: (condition, a, b) =>
			add("SelectV2", [condition, value(a), value(b)], { T }),
		of: (op, a) => add(op, [value(a)], { T }),
	};
}

/** The value in another element type, or itself. */
export function castTo(
	{ add }: ExpandContext,
	value: ValueName,
	SrcT: DType,
	DstT: DType,
): ValueName {
	return SrcT === DstT
		? value
		: add("Cast", [value], { SrcT, DstT, Truncate: false });
}
