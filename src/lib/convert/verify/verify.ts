import { join } from "node:path";
import { loadProgram } from "../../engines/index.js";
import { fail, type MlshipError } from "../../errors.js";
import type { Program } from "../../graph/ir.js";
import type { Tensors } from "../../tensor/tensor.js";
import type { ConversionPlan } from "../convert.js";
import { type FirstDifference, firstDifference } from "./bisect.js";
import type { OutputError } from "./compare.js";
import { givenInputs, randomInputs } from "./inputs.js";
import { compareRuns, copied } from "./runs.js";

/** How the answers of a result compare to those of its source, on the same inputs. */
export interface Verification {
	readonly tolerance: number;
	/** Where the inputs came from: a file's name, or `random`. */
	readonly data: string;
	readonly outputs: readonly OutputError[];
	/** Where outputs differ: the first node that does, as far as one does by itself. */
	readonly first?: FirstDifference | undefined;
}

export interface VerifyOptions {
	readonly tolerance?: number | undefined;
	readonly data?: string | undefined;
}

/** Of the largest number of an output: what is lost by computing in another order, in deep networks. */
const TOLERANCE = 1e-3;

/** Runs source and result of every signature on the same inputs, and looks for the first node that differs where outputs do. */
export async function verifyModel(
	plan: ConversionPlan,
	folder: string,
	main: string,
	{ tolerance = plan.lowered.tolerance ?? TOLERANCE, data }: VerifyOptions,
): Promise<Verification> {
	const outputs: OutputError[] = [];
	let first: FirstDifference | undefined;
	for (const program of plan.lowered.programs ?? plan.source.programs) {
		const inputs = await inputsOf(program, data);
		const compared = await compareRuns(
			{ ...plan, program, inputs, tolerance },
			join(folder, main),
		);
		outputs.push(...compared);
		if (compared.some(({ isClose }) => !isClose))
			first ??= await firstDifference(
				{ ...plan, program, inputs, tolerance },
				folder,
			);
	}
	return { tolerance, data: data ?? "random", outputs, first };
}

/** Inputs that the source takes. */
async function inputsOf(
	program: Program,
	data: string | undefined,
): Promise<Tensors> {
	if (data !== undefined) return givenInputs(program, data);
	const source = await loadProgram(program, "auto", { workers: 0 });
	try {
		return await randomInputs(program, (given) => source.run(copied(given)));
	} finally {
		await source.close();
	}
}

/** What is wrong with a result, if anything is. */
export function mismatchOf(
	verification: Verification | { readonly skipped: string },
): MlshipError | undefined {
	if ("skipped" in verification) return undefined;
	const { outputs, tolerance, first } = verification;
	const wrong = outputs.find(({ isClose }) => !isClose);
	if (wrong === undefined) return undefined;
	const from =
		first === undefined
			? ""
			: `; the first node that differs is "${first.node}" (${first.op}${first.layer === first.node ? "" : ` in layer "${first.layer}"`}), which ${first.reason}`;
	return fail(
		"MISMATCH",
		`cannot convert the model without changing its answers: output "${wrong.name}" ${wrong.reason}, ${tolerance} is allowed${from}`,
		{
			at: { output: wrong.name, ...(first && { node: first.node }) },
			hint: "--tolerance allows more, --no-verify keeps the result as it is",
		},
	);
}
