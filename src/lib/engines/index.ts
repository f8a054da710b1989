import { fail } from "../errors.js";
import type { Program } from "../graph/ir.js";
import { nearest, quoted } from "../nearest.js";
import type { Engine, EngineOptions, Obstacle, Session } from "./engine.js";

/** THE list of engines, the preferred one first; each is imported when it is chosen. */
export const ENGINES: Readonly<Record<string, () => Promise<Engine>>> = {
	onnx: async () => (await import("./onnx/engine.js")).onnxEngine,
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
	const engines = await chosenEngines(engineName);
	const refusals: string[] = [];
	for (const engine of engines) {
		const obstacles = engine.obstacles(program);
		if (obstacles.length === 0) return engine.load(program, options);
		refusals.push(`engine "${engine.name}" ${showObstacles(obstacles)}`);
	}
	throw fail(
		"UNSUPPORTED",
		`cannot run signature "${program.signature}": ${refusals.join("; ")}`,
		{
			at: { signature: program.signature },
		},
	);
}

async function chosenEngines(name: string): Promise<readonly Engine[]> {
	if (name === "auto")
		return Promise.all(Object.values(ENGINES).map((load) => load()));
	const load = ENGINES[name];
	if (load === undefined)
		throw fail(
			"INVALID",
			`cannot use engine "${name}": the engines are ${quoted(nearest(name, ENGINE_NAMES))}`,
		);
	return [await load()];
}

/** `has no Foo (3 times, first at node "a/b": reason), no Bar (…)`. */
export function showObstacles(obstacles: readonly Obstacle[]): string {
	const rows = obstacles.map(
		({ op, count, node, reason }) =>
			`${op} (${count === 1 ? "once" : `${count} times`}, first at node "${node}": ${reason})`,
	);
	return `cannot do ${rows.join(", ")}`;
}
