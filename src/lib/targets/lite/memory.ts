import type { LiteOp } from "../../lite/schema.js";
import type { LiteOperator } from "./graph.js";

/** Operators that newer runtimes leave elements where they are for. */
const IN_PLACE: ReadonlySet<LiteOp> = new Set([
	"BITCAST",
	"EXPAND_DIMS",
	"RESHAPE",
	"SQUEEZE",
]);

/** The tensor in whose memory another one may lie. */
export function memoryOf(
	operators: readonly LiteOperator[],
	tensor: number,
): number {
	const maker = operators.find(({ outputs }) => outputs.includes(tensor));
	return maker !== undefined && IN_PLACE.has(maker.op)
		? memoryOf(operators, maker.inputs[0])
		: tensor;
}
