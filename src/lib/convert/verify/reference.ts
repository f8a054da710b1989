import type { Origin, Session } from "../../engines/engine.js";
import { loadProgram } from "../../engines/index.js";
import { fail, MlshipError } from "../../errors.js";
import type { Program } from "../../graph/ir.js";
import type { Tensors } from "../../tensor/tensor.js";
import type { Opened } from "../target.js";
import { type Answered, askRandomly } from "./inputs.js";

/** What the source answers, and which engine said so. */
export interface SourceAnswers {
	readonly engine: string;
	/** Whether that engine makes nothing of the source as the target does: a mistake in that would be seen. */
	readonly isIndependent: boolean;
	readonly answers: readonly Answered[];
}

/** A program, and what it came from. */
export interface Asked {
	readonly program: Program;
	readonly origin?: Origin | undefined;
}

/** Engines for the source, those first whose kernels are checked against TensorFlow's. */
const ENGINES = ["onnx", "tfjs", "tfjs-node"] as const;

/** The same where the first one is no help: TensorFlow itself comes first. */
const OTHERS = ["tfjs-node", "tfjs", "onnx"] as const;

/**
 * Asks the source. Inputs are `examples`, or random ones that it takes. An engine that is made as `kin` is only says which
 * inputs are right: one of `otherEngines` answers, or plain kernels, where they run the program. Fails as engines do.
 */
export async function askSource(
	asked: Asked,
	examples: readonly Tensors[] | undefined,
	kin: string | undefined,
	otherEngines: readonly string[] = OTHERS,
): Promise<SourceAnswers> {
	const first = await firstOf(ENGINES, isUnable, asked, (session) =>
		examples === undefined
			? askRandomly(asked.program, (inputs) => session.run(copied(inputs)))
			: answersTo(session, examples),
	);
	if (first.engine !== kin) return { ...first, isIndependent: true };
	const others = otherEngines.filter((name) => name !== kin);
	const again = first.answers.map(({ inputs }) => inputs);
	const tries = [
		() =>
			firstOf(others, isOurs, asked, (session) => answersTo(session, again)),
		() => askPlainly(asked.program, again),
	];
	for (const ask of tries) {
		try {
			return { ...(await ask()), isIndependent: true };
		} catch (error) {
			if (!isOurs(error)) throw error;
		}
	}
	// what only one engine runs is still compared
	return { ...first, isIndependent: false };
}

/** Without any runtime: what small models are compared to where nothing else is installed. */
async function askPlainly(
	program: Program,
	examples: readonly Tensors[],
): Promise<Omit<SourceAnswers, "isIndependent">> {
	const { openInterpreter } = await import("./interpreter/run.js");
	const answers = await answersTo(openInterpreter(program), examples);
	return { engine: "interpreter", answers };
}

/** The engine cannot run the program; what is wrong with inputs another one may not see. */
function isUnable(error: unknown): boolean {
	return (
		error instanceof MlshipError &&
		(error.code === "UNSUPPORTED" || error.code === "NOT_READY")
	);
}

function isOurs(error: unknown): boolean {
	return error instanceof MlshipError;
}

async function answersTo(
	session: Pick<Opened, "run">,
	examples: readonly Tensors[],
): Promise<readonly Answered[]> {
	const answers: Answered[] = [];
	for (const inputs of examples)
		answers.push({ inputs, outputs: await session.run(copied(inputs)) });
	return answers;
}

/** The answers of the first engine that gives some; fails as the first one does where none does, or `goesOn` says no. */
async function firstOf(
	names: readonly string[],
	goesOn: (error: unknown) => boolean,
	{ program, origin }: Asked,
	ask: (session: Session) => Promise<readonly Answered[]>,
): Promise<Omit<SourceAnswers, "isIndependent">> {
	let refusal: unknown;
	for (const engine of names) {
		try {
			const session = await loadProgram(program, engine, {
				workers: 0,
				...(origin && { origin }),
			});
			const answers = await ask(session).finally(() => session.close());
			return { engine, answers };
		} catch (error) {
			if (!goesOn(error)) throw error;
			refusal ??= error;
		}
	}
	throw refusal ?? fail("NOT_READY", "no engine is left to ask");
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
