import { availableParallelism } from "node:os";
import type { Program } from "../../graph/ir.js";
import type { OnnxModel } from "../../onnx/read.js";
import type { Engine, EngineOptions, Refusal, Session } from "../engine.js";
import { openSession } from "../pool/session.js";
import { type FileSource, fileSource, openFile } from "./file.js";
import { openModel } from "./model.js";
import { onnxObstacles, planOnnx } from "./plan.js";
import { ownWeights } from "./weights.js";

/** ONNX Runtime on the CPU: the default engine. */
export const onnxEngine: Engine = {
	name: "onnx",
	obstacles: onnxObstacles,
	load: loadOnnx,
	loadFile,
};

async function loadOnnx(
	program: Program,
	{ workers: wanted = 1, threads, variables }: EngineOptions = {},
): Promise<Session | Refusal> {
	// what signatures share has to be in one thread: the one that all of them can reach
	const workers = program.sharesResources ? 0 : wanted;
	return openSession(workers, RUNTIME, () => {
		const planned = planOnnx(program);
		if ("obstacles" in planned) return planned;
		const { inputs, outputs, program: plan } = planned;
		const source = {
			program: plan,
			options: { threads: threads ?? fairShare(workers) },
			...(program.sharesResources ? { resources: variables?.resources } : {}),
		};
		return { source, inputs, outputs };
	});
}

async function loadFile(
	model: OnnxModel,
	{ workers = 1, threads }: EngineOptions = {},
): Promise<Session> {
	return openSession<FileSource, never>(workers, FILE_RUNTIME, () => ({
		source: fileSource(model, { threads: threads ?? fairShare(workers) }),
		inputs: model.inputs,
		outputs: model.outputs,
	}));
}

const SCRIPT = new URL("./worker.js", import.meta.url);
const RUNTIME = { script: SCRIPT, sendable: ownWeights, open: openModel };
const FILE_RUNTIME = {
	script: SCRIPT,
	sendable: (source: FileSource) => ({ source, transferList: [] }),
	open: openFile,
};

/** The processors are shared among the workers. */
function fairShare(workers: number): number {
	return Math.max(1, Math.floor(availableParallelism() / Math.max(1, workers)));
}
