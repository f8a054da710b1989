import { availableParallelism } from "node:os";
import { fail } from "../../errors.js";
import type { Program } from "../../graph/ir.js";
import type { OnnxModel } from "../../onnx/read.js";
import type { Engine, EngineOptions, Refusal, Session } from "../engine.js";
import { showObstacles } from "../obstacles.js";
import { openSession } from "../pool/session.js";
import { type FileSource, fileSource, openFile } from "./file.js";
import { openModel } from "./model.js";
import { optimizedModel } from "./optimization.js";
import { onnxObstacles, planOnnx } from "./plan.js";
import type { SessionOptions } from "./runtime.js";
import { refuseTelemetry } from "./telemetry.js";
import { type PlannedModel, sendableModel } from "./weights.js";

/** ONNX Runtime on the CPU: the default engine. */
export const onnxEngine: Engine = {
	name: "onnx",
	obstacles: onnxObstacles,
	load: loadOnnx,
	loadFile,
};

async function loadOnnx(
	program: Program,
	{ workers: wanted = 1, threads, variables, reread }: EngineOptions = {},
): Promise<Session | Refusal> {
	refuseTelemetry();
	// what signatures share has to be in one thread: the one that all of them can reach
	const workers = program.sharesResources ? 0 : wanted;
	const options = { threads: threads ?? fairShare(workers) };
	return openSession(
		workers,
		workers > 0 ? RUNTIME : OWN_THREAD,
		() => {
			const planned = planOnnx(program);
			if ("obstacles" in planned) return planned;
			const { inputs, outputs, program: plan } = planned;
			const source = {
				program: plan,
				options,
				...(program.sharesResources ? { resources: variables?.resources } : {}),
			};
			return { source, inputs, outputs };
		},
		reread && remade(reread, options),
	);
}

/** Apart from what the program itself is seen by. */
function remade(
	reread: () => Program,
	options: SessionOptions,
): () => PlannedModel {
	return () => {
		const planned = planOnnx(reread());
		if ("obstacles" in planned)
			throw fail(
				"NOT_READY",
				`cannot open the model again: ${showObstacles(planned.obstacles)}`,
			);
		return { program: planned.program, options };
	};
}

async function loadFile(
	model: OnnxModel,
	{ workers = 1, threads }: EngineOptions = {},
): Promise<Session> {
	refuseTelemetry();
	const options = { threads: threads ?? fairShare(workers) };
	const source = fileSource(model, options);
	// the model itself, which may hold weights, is kept by nobody
	const { inputs, outputs } = source;
	return openSession<FileSource, FileSource>(
		workers,
		FILE_RUNTIME,
		() => ({ source, inputs, outputs }),
		() => source,
	);
}

const SCRIPT = new URL("./worker.js", import.meta.url);
const RUNTIME = { script: SCRIPT, sendable: optimizedModel, open: openModel };
/** For scripts, which have more use for a quick start. */
const OWN_THREAD = { ...RUNTIME, sendable: sendableModel };
const FILE_RUNTIME = {
	script: SCRIPT,
	sendable: (source: FileSource) => ({ source, transferList: [] }),
	open: openFile,
};

/** The processors are shared among the workers. */
function fairShare(workers: number): number {
	return Math.max(1, Math.floor(availableParallelism() / Math.max(1, workers)));
}
