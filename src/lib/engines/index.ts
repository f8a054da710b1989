import { fail } from "../errors.js";
import type { Program } from "../graph/ir.js";
import { nearest, quoted } from "../nearest.js";
import type { OnnxModel } from "../onnx/read.js";
import type { Engine, EngineOptions, Refusal, Session } from "./engine.js";
import { showObstacles } from "./obstacles.js";
import { frozenProgram, thawingSession } from "./state/frozen.js";
import { statefulSession, VariableStore } from "./state.js";

/** THE list of engines, the preferred one first; each is imported when it is chosen. */
export const ENGINES: Readonly<Record<string, () => Promise<Engine>>> = {
	onnx: async () => (await import("./onnx/engine.js")).onnxEngine,
	tfjs: async () => (await import("./tfjs/engine.js")).tfjsEngine,
	"tfjs-node": async () =>
		(await import("./tfjs-node/engine.js")).tfjsNodeEngine,
};

/** Names for `--engine`: `auto` takes the first engine that can run the whole program. */
export const ENGINE_NAMES: readonly string[] = [
	"auto",
	...Object.keys(ENGINES),
];

/** Loads a program into an engine. Fails with UNSUPPORTED, with all obstacles of all engines tried, if none can run it. */
export async function loadProgram(
	program: Program,
	engineName = "auto",
	options: EngineOptions = {},
): Promise<Session> {
	const refusals: string[] = [];
	for (const name of chosenNames(engineName)) {
		const engine = await ENGINES[name]();
		const loaded = await loadOn(engine, program, options);
		if (!("obstacles" in loaded)) return loaded;
		refusals.push(`engine "${name}" ${showObstacles(loaded.obstacles)}`);
	}
	throw fail(
		"UNSUPPORTED",
		`cannot run signature "${program.signature}": ${refusals.join("; ")}`,
		{
			at: { signature: program.signature },
		},
	);
}

/** Loads an ONNX file into an engine. Fails with UNSUPPORTED where that engine runs SavedModels alone. */
export async function loadOnnxFile(
	model: OnnxModel,
	engineName = "auto",
	options: EngineOptions = {},
): Promise<Session> {
	for (const name of chosenNames(engineName)) {
		const engine = await ENGINES[name]();
		if (engine.loadFile !== undefined) return engine.loadFile(model, options);
	}
	throw fail(
		"UNSUPPORTED",
		`cannot run ${model.path}: engine "${engineName}" ${NO_FILES}`,
		{ hint: "leave --engine out" },
	);
}

/** Of an engine without `loadFile`. */
export const NO_FILES = "runs SavedModels, and this is an ONNX file";

/** Variables that a program only reads are constants until another one sets them. */
async function loadOn(
	engine: Engine,
	program: Program,
	options: EngineOptions,
): Promise<Session | Refusal> {
	if (program.state.length === 0) return engine.load(program, options);
	const { variables = new VariableStore() } = options;
	const names = program.state.map(({ name }) => name);
	const given = { ...options, variables };
	const frozen = variables.hasSet(names) ? undefined : frozenProgram(program);
	if (frozen === undefined) return loadFed(engine, program, given);
	const session = await engine.load(frozen, { ...given, ...refrozen(options) });
	if ("obstacles" in session) return session;
	const thaw = thawing(engine, options.reread ?? (() => program), given);
	return thawingSession(session, names, variables, thaw);
}

async function loadFed(
	engine: Engine,
	program: Program,
	options: EngineOptions & { readonly variables: VariableStore },
): Promise<Session | Refusal> {
	const session = await engine.load(program, options);
	return "obstacles" in session
		? session
		: statefulSession(session, program.state, options.variables);
}

function refrozen({ reread }: EngineOptions): Pick<EngineOptions, "reread"> {
	if (reread === undefined) return {};
	return {
		reread: () => {
			const program = reread();
			return frozenProgram(program) ?? program;
		},
	};
}

/** Apart from what the program itself is seen by, whose memory is to be free. */
function thawing(
	engine: Engine,
	reread: () => Program,
	options: EngineOptions & { readonly variables: VariableStore },
): () => Promise<Session> {
	return async () => {
		const session = await loadFed(engine, reread(), options);
		if (!("obstacles" in session)) return session;
		throw fail(
			"UNSUPPORTED",
			`cannot run with variables that change: ${showObstacles(session.obstacles)}`,
		);
	};
}

function chosenNames(name: string): readonly string[] {
	if (name === "auto") return Object.keys(ENGINES);
	if (ENGINES[name] === undefined)
		throw fail(
			"INVALID",
			`cannot use engine "${name}": the engines are ${quoted(nearest(name, ENGINE_NAMES))}`,
		);
	return [name];
}
