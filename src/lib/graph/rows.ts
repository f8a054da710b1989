import { opDef } from "../ops/opdef.js";
import { FIRST_OUTPUT, TABLES } from "../ops/rows/families.js";
import { FIXED, ROWS, type RowValue, rowsOfNode } from "../ops/rows.js";
import { inferTypes } from "./infer.js";
import type { Program, ValueName } from "./ir.js";

/**
 * Whether each row of the outputs is certain to be made of the same row of the inputs, whatever other rows are there: then
 * requests that are joined get what each would get alone. It is only known of primitive ops; what has no rule is taken for
 * one that looks at all rows, as batch statistics, sorting or filling up to the longest do.
 */
export function hasOwnRows(program: Program): boolean {
	const types = inferTypes(program);
	const variables = new Set(program.state.map(({ name }) => name));
	const values = new Map<ValueName, RowValue | undefined>(
		program.inputs.map(({ name, value }) => [
			value,
			variables.has(name) ? FIXED : ROWS,
		]),
	);
	for (const node of program.nodes) {
		const inputs = node.inputs.map((input) => values.get(input));
		const isFixed = inputs.every((input) => input?.kind === "fixed");
		const made = isFixed
			? fixedOf(node.op)
			: rowsOfNode({
					node,
					inputs,
					types: node.inputs.map((input) => types.typeOf(input)),
					output: types.typeOf(node.outputs[0]),
					integers: (index) => {
						const tensor = types.constant(node.inputs[index]);
						return tensor && Array.from(tensor.data as Int32Array, Number);
					},
				});
		const outputs = FIRST_OUTPUT.has(node.op)
			? node.outputs.slice(0, 1)
			: node.outputs;
		for (const output of outputs) values.set(output, made);
	}
	return program.outputs.every(
		({ value }) => values.get(value)?.kind === "rows",
	);
}

/** What draws random numbers gives others each time. */
function fixedOf(op: string): RowValue | undefined {
	return TABLES.has(op) || opDef(op)?.stateful === false ? FIXED : undefined;
}
