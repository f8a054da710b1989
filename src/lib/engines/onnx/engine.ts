import { availableParallelism } from "node:os";
import { fail } from "../../errors.js";
import type { Program } from "../../graph/ir.js";
import type { Engine, EngineOptions, Session } from "../engine.js";
import { showObstacles } from "../index.js";
import type { ModelPort, ModelSource } from "./model.js";
import { onnxObstacles, type PlannedPort, planOnnx } from "./plan.js";

/** ONNX Runtime on the CPU: the default engine. */
export const onnxEngine: Engine = {
	name: "onnx",
	obstacles: onnxObstacles,
	load: loadOnnx,
};

async function loadOnnx(
	program: Program,
	{ workers = 1, threads }: EngineOptions = {},
): Promise<Session> {
	const obstacles = onnxObstacles(program);
	if (obstacles.length > 0)
		throw fail(
			"UNSUPPORTED",
			`cannot run signature "${program.signature}": engine "onnx" ${showObstacles(obstacles)}`,
		);
	const { inputs, outputs, file } = planOnnx(program);
	const source: ModelSource = {
		file,
		inputs: inputs.map(modelPort),
		outputs: outputs.map(modelPort),
		options: {
			threads:
				threads ??
				Math.max(1, Math.floor(availableParallelism() / Math.max(1, workers))),
		},
	};
	const runner = await openRunner(source, workers);
	return {
		inputs,
		outputs,
		run: (tensors) => runner.run(tensors),
		close: () => runner.close(),
	};
}

/** Without workers the model runs in the caller's thread, which waits for it: for scripts and measurements. */
async function openRunner(source: ModelSource, workers: number) {
	if (workers > 0)
		return (await import("./pool.js")).Pool.open(source, workers);
	return (await import("./model.js")).openModel(source);
}

function modelPort({ name, onnxName, dtype }: PlannedPort): ModelPort {
	return { name, onnxName, dtype };
}
