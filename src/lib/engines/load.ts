import type { Program } from "../graph/ir.js";
import type { OnnxModel } from "../onnx/read.js";
import type { EngineOptions, Session } from "./engine.js";
import { openPrepared } from "./open.js";
import { type Prepare, prepareOnnxFile, prepareProgram } from "./prepare.js";

/** Loads a program into an engine. Fails with UNSUPPORTED, with all obstacles of all engines tried, if none can run it. */
export function loadProgram(
	program: Program,
	engineName = "auto",
	options: EngineOptions = {},
): Promise<Session> {
	const { reread } = options;
	const first = preparing(() => program, engineName, options);
	return openPrepared(
		{
			first,
			later:
				reread === undefined ? first : preparing(reread, engineName, options),
			replaces: reread !== undefined,
		},
		options,
	);
}

function preparing(
	read: () => Program,
	engineName: string,
	options: EngineOptions,
): Prepare {
	return (request) => prepareProgram(read(), engineName, options, request);
}

/** Loads an ONNX file into an engine. Fails with UNSUPPORTED where that engine runs SavedModels alone. */
export function loadOnnxFile(
	model: OnnxModel,
	engineName = "auto",
	options: EngineOptions = {},
): Promise<Session> {
	const first: Prepare = (request) =>
		prepareOnnxFile(model, engineName, options, request);
	return openPrepared({ first, later: first, replaces: false }, options);
}
