import { loadProgram } from "../../engines/index.js";
import { fail } from "../../errors.js";
import type { Program } from "../../graph/ir.js";
import type { Tensors } from "../../tensor/tensor.js";
import type { ConversionPlan } from "../convert.js";
import type { Opened } from "../target.js";
import { compareOutput, type OutputError } from "./compare.js";
import { givenInputs, randomInputs } from "./inputs.js";

/** How the answers of a result compare to those of its source, on the same inputs. */
export interface Verification {
	readonly tolerance: number;
	/** Where the inputs came from: a file's name, or `random`. */
	readonly data: string;
	readonly outputs: readonly OutputError[];
}

export interface VerifyOptions {
	readonly tolerance?: number | undefined;
	readonly data?: string | undefined;
}

/** Of the largest number of an output: what is lost by computing in another order, in deep networks. */
const TOLERANCE = 1e-3;

/** Runs source and result of every signature on the same inputs. Fails with MISMATCH where they differ. */
export async function verifyModel(
	{ source, target, lowered }: ConversionPlan,
	main: string,
	{ tolerance = lowered.tolerance ?? TOLERANCE, data }: VerifyOptions,
): Promise<Verification> {
	const outputs: OutputError[] = [];
	for (const program of source.programs) {
		const result = await target.open(main, program);
		try {
			outputs.push(...(await compareRuns(program, result, data, tolerance)));
		} finally {
			await result.close();
		}
	}
	const wrong = outputs.filter(({ isClose }) => !isClose);
	if (wrong.length > 0) throw mismatch(wrong, tolerance);
	return { tolerance, data: data ?? "random", outputs };
}

async function compareRuns(
	program: Program,
	result: Opened,
	data: string | undefined,
	tolerance: number,
): Promise<readonly OutputError[]> {
	const source = await loadProgram(program, "auto", { workers: 0 });
	try {
		const { inputs, outputs } =
			data === undefined
				? await randomInputs(program.inputs, (given) =>
						source.run(copied(given)),
					)
				: await givenInputs(program, data, (given) =>
						source.run(copied(given)),
					);
		const made = await result.run(copied(inputs));
		return program.outputs.map(({ name }) =>
			compareOutput(name, made[name], outputs[name], tolerance),
		);
	} finally {
		await source.close();
	}
}

/** What runs a model may keep its inputs, or give them away. */
function copied(tensors: Tensors): Tensors {
	return Object.fromEntries(
		Object.entries(tensors).map(([name, tensor]) => [
			name,
			{ ...tensor, data: tensor.data.slice() },
		]),
	);
}

function mismatch(wrong: readonly OutputError[], tolerance: number) {
	const [{ name, reason }] = wrong;
	return fail(
		"MISMATCH",
		`cannot convert the model without changing its answers: output "${name}" ${reason}, ${tolerance} is allowed`,
		{
			at: { output: name },
			hint: "--tolerance allows more, --no-verify keeps the result as it is",
		},
	);
}
