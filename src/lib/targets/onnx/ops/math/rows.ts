import { DTYPES } from "../../../../tensor/dtype.js";
import { alignedInputs, elementwise } from "../../elementwise.js";
import { type Expressions, expressions } from "../../expression.js";
import type { OnnxAttrs } from "../../graph.js";
import type { LowerContext, Lowering, OnnxValue } from "../../lowering.js";

/** An ONNX op that means the same. */
export function direct(op: string, attrs: OnnxAttrs = {}): Lowering {
	return (context) => elementwise(context, op, attrs);
}

/** An ONNX op that means the same and answers with bool. */
export function predicate(op: string): Lowering {
	return (context) => elementwise(context, op, {}, { dtype: "bool" });
}

/** What a formula computes of the node's inputs, in whichever layout they are. */
export type ElementFormula = (
	expressions: Expressions,
	inputs: readonly OnnxValue[],
	context: LowerContext,
) => OnnxValue;

/** Several ONNX ops, element by element. */
export function composed(compute: ElementFormula): Lowering {
	return (context) => {
		const { inputs, channelsFirst } = alignedInputs(context);
		const output = compute(expressions(context), inputs, context);
		return channelsFirst ? { ...output, channelsFirst: true } : output;
	};
}

/** One row for integers and one for the rest. */
export function byKind(rows: {
	readonly integer: Lowering;
	readonly other: Lowering;
}): Lowering {
	return (context) =>
		(isIntegral(context) ? rows.integer : rows.other)(context);
}

/** Whether the node works on whole numbers. */
export function isIntegral({ inputs: [{ dtype }] }: LowerContext): boolean {
	const { kind } = DTYPES[dtype];
	return kind === "int" || kind === "bigint";
}
