import { loadProgram } from "../../engines/index.js";
import type { Program } from "../../graph/ir.js";
import type { Tensors } from "../../tensor/tensor.js";
import type { ConversionPlan } from "../convert.js";
import { compareOutput, type OutputError } from "./compare.js";

/** One signature whose answers are compared. */
export interface Comparison
	extends Pick<ConversionPlan, "target" | "settings"> {
	readonly program: Program;
	readonly inputs: Tensors;
	readonly tolerance: number;
}

/** Runs a program, and the model that it was written as; one after the other, so that one is in memory. */
export async function compareRuns(
	{ target, program, inputs, tolerance }: Comparison,
	main: string,
): Promise<readonly OutputError[]> {
	const source = await loadProgram(program, "auto", { workers: 0 });
	const expected = await source
		.run(copied(inputs))
		.finally(() => source.close());
	const result = await target.open(main, program);
	const actual = await result.run(copied(inputs)).finally(() => result.close());
	return program.outputs.map(({ name }) =>
		compareOutput(name, actual[name], expected[name], tolerance),
	);
}

/** What runs a model may keep its inputs, or give them away. */
export function copied(tensors: Tensors): Tensors {
	return Object.fromEntries(
		Object.entries(tensors).map(([name, tensor]) => [
			name,
			{ ...tensor, data: tensor.data.slice() },
		]),
	);
}
