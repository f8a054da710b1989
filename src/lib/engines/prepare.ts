import { fail } from "../errors.js";
import type { Program, StateVariable } from "../graph/ir.js";
import type { OnnxModel } from "../onnx/read.js";
import { heldConstant } from "../tensor/constant.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Form, PrepareOptions, Refusal } from "./engine.js";
import { chosenNames, ENGINES, NO_FILES } from "./index.js";
import { showObstacles } from "./obstacles.js";
import { frozenProgram } from "./state/frozen.js";

/** A program as the engine runs it that was chosen for it: made in one thread, and opened in another if need be. */
export interface Prepared extends Form {
	/** A name of `ENGINES`. */
	readonly engine: string;
	/** The variables that it keeps between its runs. */
	readonly state: readonly StateVariable[];
	/** Its variables are constants, which hold until one of them is set. */
	readonly isFrozen: boolean;
}

/** What a program is prepared for. */
export interface PrepareRequest {
	/** The variables that were set since the version was loaded. */
	readonly changed: readonly string[];
	/** As in `PrepareOptions`; may be called for one engine after another. */
	starting?(engine: string, workers: number): void;
}

/** Makes a signature ready to be opened, in this thread or by asking another. */
export type Prepare = (request: PrepareRequest) => Promise<Prepared>;

/**
 * Prepares a program for the first engine that can run the whole of it. Fails with UNSUPPORTED, with all obstacles of all
 * engines tried, if none can. Variables that a program only reads are constants until another one sets them.
 */
export async function prepareProgram(
	program: Program,
	engineName: string,
	options: Omit<PrepareOptions, "starting">,
	{ changed, starting }: PrepareRequest,
): Promise<Prepared> {
	const hasChanged = program.state.some(({ name }) => changed.includes(name));
	const frozen =
		program.state.length === 0 || hasChanged
			? undefined
			: frozenProgram(program);
	const refusals: string[] = [];
	for (const name of chosenNames(engineName)) {
		const engine = await ENGINES[name]();
		const form: Form | Refusal = await engine.prepare(frozen ?? program, {
			...options,
			starting: (workers) => starting?.(name, workers),
		});
		if (!("obstacles" in form)) {
			const { state } = program;
			return { ...form, engine: name, state, isFrozen: frozen !== undefined };
		}
		refusals.push(`engine "${name}" ${showObstacles(form.obstacles)}`);
	}
	throw fail(
		"UNSUPPORTED",
		`cannot run signature "${program.signature}": ${refusals.join("; ")}`,
		{
			at: { signature: program.signature },
		},
	);
}

/** Prepares an ONNX file. Fails with UNSUPPORTED where the engine runs SavedModels alone. */
export async function prepareOnnxFile(
	model: OnnxModel,
	engineName: string,
	options: Omit<PrepareOptions, "starting">,
	{ starting }: PrepareRequest,
): Promise<Prepared> {
	for (const name of chosenNames(engineName)) {
		const engine = await ENGINES[name]();
		if (engine.prepareFile === undefined) continue;
		const form = engine.prepareFile(model, {
			...options,
			starting: (workers) => starting?.(name, workers),
		});
		return { ...form, engine: name, state: [], isFrozen: false };
	}
	throw fail(
		"UNSUPPORTED",
		`cannot run ${model.path}: engine "${engineName}" ${NO_FILES}`,
		{ hint: "leave --engine out" },
	);
}

/** A variable as it is sent to another thread. */
export interface SentVariable {
	readonly name: string;
	readonly initial?: Tensor;
}

/** Values are read where they are fed; constants of a frozen program hold them already. */
export function sentState({ state, isFrozen }: Prepared): SentVariable[] {
	return state.map(({ name, initial }) =>
		isFrozen || initial === undefined
			? { name }
			: { name, initial: initial.read() },
	);
}

export function receivedState(sent: readonly SentVariable[]): StateVariable[] {
	return sent.map(({ name, initial }) =>
		initial === undefined ? { name } : { name, initial: heldConstant(initial) },
	);
}
