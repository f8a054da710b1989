import { join } from "node:path";
import { fail, type MlshipError } from "../../errors.js";
import type { ConversionPlan } from "../convert.js";
import { readExamples } from "../examples.js";
import type { Opened } from "../target.js";
import { type FirstDifference, firstDifference } from "./bisect.js";
import { compareOutput, type OutputError, worst } from "./compare.js";
import {
	type Asked,
	askSource,
	copied,
	type SourceAnswers,
} from "./reference.js";

/** How the answers of a result compare to those of its source, on the same inputs. */
export interface Verification {
	readonly tolerance: number;
	/** Where the inputs came from: the name of a file, or of what calibrated, or `random`. */
	readonly data: string;
	/** How often both ran. */
	readonly runs: number;
	/** What answered for the source. */
	readonly engine: string;
	/** Whether that engine makes nothing of the source as the target does: a mistake in that would be seen. */
	readonly isIndependent: boolean;
	readonly outputs: readonly OutputError[];
	/** Where outputs differ: the first node that does, as far as one does by itself. */
	readonly first?: FirstDifference | undefined;
}

export interface VerifyOptions {
	readonly tolerance?: number | undefined;
	readonly data?: string | undefined;
}

/** Of the largest number of an output: what is lost by computing in another order, in deep networks. */
export const TOLERANCE = 1e-3;

/** Runs source and result of every signature on the same inputs, and looks for the first node that differs where outputs do. */
export async function verifyModel(
	plan: ConversionPlan,
	folder: string,
	main: string,
	{ tolerance = plan.lowered.tolerance ?? TOLERANCE, data }: VerifyOptions,
): Promise<Verification> {
	const { target, settings, source, lowered } = plan;
	const found: Compared[] = [];
	let first: FirstDifference | undefined;
	for (const [i, program] of (lowered.programs ?? source.programs).entries()) {
		const asked = { program, origin: source.origins[i] };
		const path = join(folder, main);
		const compared = await compareAnswers(asked, {
			data: data ?? settings.calibrate,
			...(data === undefined && { limit: SHOWN_EXAMPLES }),
			tolerance,
			kin: target.engine,
			open: () => target.open(path, program),
		});
		found.push(compared);
		if (compared.outputs.some(({ isClose }) => !isClose))
			first ??= await firstDifference({
				...{ target, settings, program, tolerance, folder, path },
				inputs: compared.inputs,
			});
	}
	const from = data ?? settings.calibrate ?? "random";
	return { tolerance, data: from, ...joined(found), first };
}

/** Integers are for numbers as large as those that calibrated, of which so many examples do. */
const SHOWN_EXAMPLES = 32;

export interface Comparison {
	readonly data: string | undefined;
	/** How many examples of the data are enough. */
	readonly limit?: number;
	readonly tolerance: number;
	/** The engine that is made as the result is. */
	readonly kin: string | undefined;
	open(): Promise<Opened>;
}

/** How a result answers beside its source. */
export interface Compared
	extends Pick<Verification, "runs" | "engine" | "isIndependent" | "outputs"> {
	/** Of the run in which the first output differs, else of the first run. */
	readonly inputs: SourceAnswers["answers"][number]["inputs"];
}

/** Runs source and result, one after the other, so that one is in memory. */
export async function compareAnswers(
	asked: Asked,
	{ data, limit, tolerance, kin, open }: Comparison,
): Promise<Compared> {
	const { program } = asked;
	const examples =
		data === undefined
			? undefined
			: await readExamples(program, data, "compare answers");
	const shown = examples?.slice(0, limit);
	const { answers, ...source } = await askSource(asked, shown, kin);
	const result = await open();
	const runs: OutputError[][] = [];
	try {
		for (const { inputs, outputs } of answers) {
			const made = await result.run(copied(inputs));
			runs.push(
				program.outputs.map(({ name }) =>
					compareOutput(name, made[name], outputs[name], tolerance),
				),
			);
		}
	} finally {
		await result.close();
	}
	const bad = runs.findIndex((run) => run.some(({ isClose }) => !isClose));
	return {
		...source,
		runs: answers.length,
		outputs: worst(runs),
		inputs: answers[Math.max(0, bad)].inputs,
	};
}

/** Those of several signatures. */
export function joined(all: readonly Compared[]): Omit<Compared, "inputs"> {
	const engines = new Set(all.map(({ engine }) => engine));
	return {
		runs: all.reduce((sum, { runs }) => sum + runs, 0),
		engine: [...engines].join(", "),
		isIndependent: all.every(({ isIndependent }) => isIndependent),
		outputs: all.flatMap(({ outputs }) => outputs),
	};
}

/** What is wrong with a result, if anything is. */
export function mismatchOf(
	verification: Verification | { readonly skipped: string },
): MlshipError | undefined {
	if ("skipped" in verification) return undefined;
	const wrong = differenceOf(verification);
	return (
		wrong &&
		fail(
			"MISMATCH",
			`cannot convert the model without changing its answers: ${wrong.text}`,
			{
				at: wrong.at,
				hint: "--tolerance allows more, --no-verify keeps the result as it is",
			},
		)
	);
}

export interface Difference {
	readonly text: string;
	readonly at: { readonly output: string; readonly node?: string };
}

/** The first output that differs, and where that began; `undefined` where none does. */
export function differenceOf({
	outputs,
	tolerance,
	first,
}: Verification): Difference | undefined {
	const wrong = outputs.find(({ isClose }) => !isClose);
	if (wrong === undefined) return undefined;
	const from =
		first === undefined
			? ""
			: `; the first node that differs is "${first.node}" (${first.op}${first.layer === first.node ? "" : ` in layer "${first.layer}"`}), which ${first.reason}`;
	return {
		text: `output "${wrong.name}" ${wrong.reason}, ${tolerance} is allowed${from}`,
		at: { output: wrong.name, ...(first && { node: first.node }) },
	};
}
