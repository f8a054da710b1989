import { fail } from "../errors.js";
import { nearest, quoted } from "../nearest.js";
import type { Engine } from "./engine.js";

export { loadOnnxFile, loadProgram } from "./load.js";

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

/** Of an engine without `prepareFile`. */
export const NO_FILES = "runs SavedModels, and this is an ONNX file";

/** The engines that a name means, in order. Fails with INVALID for an unknown one. */
export function chosenNames(name: string): readonly string[] {
	if (name === "auto") return Object.keys(ENGINES);
	if (ENGINES[name] === undefined)
		throw fail(
			"INVALID",
			`cannot use engine "${name}": the engines are ${quoted(nearest(name, ENGINE_NAMES))}`,
		);
	return [name];
}
