import { availableParallelism } from "node:os";
import { fail } from "../../errors.js";
import type { Program } from "../../graph/ir.js";
import type { Model } from "../../steps/run.js";
import type { Engine, EngineOptions, Session } from "../engine.js";
import { showObstacles } from "../index.js";
import { type ModelSource, openModel } from "./model.js";
import { onnxObstacles, planOnnx } from "./plan.js";

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
	const runner = await startRunner(workers);
	try {
		const { inputs, outputs, program: plan } = planOnnx(program);
		await runner.open({
			program: plan,
			options: { threads: threads ?? fairShare(workers) },
		});
		return {
			inputs,
			outputs,
			run: (tensors) => runner.run(tensors),
			close: () => runner.close(),
		};
	} catch (error) {
		await runner.close();
		throw error;
	}
}

/** Where a model runs: it is given one, then inputs. */
interface Runner extends Model {
	open(source: ModelSource): Promise<void>;
}

/**
 * Threads, which load their runtime while the plan is made; without workers the caller's own thread, which waits for each
 * run: for scripts and measurements.
 */
async function startRunner(workers: number): Promise<Runner> {
	if (workers > 0) return new (await import("./pool.js")).Pool(workers);
	let model: Model | undefined;
	return {
		open: async (source) => {
			model = await openModel(source);
		},
		run: (inputs) =>
			model?.run(inputs) ??
			Promise.reject(fail("NOT_READY", "cannot run: the model is not open")),
		close: async () => model?.close(),
	};
}

/** The processors are shared among the workers. */
function fairShare(workers: number): number {
	return Math.max(1, Math.floor(availableParallelism() / Math.max(1, workers)));
}
