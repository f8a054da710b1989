import { availableParallelism } from "node:os";
import type { Program } from "../../graph/ir.js";
import type { OnnxModel } from "../../onnx/read.js";
import type { Engine, Form, PrepareOptions, Refusal } from "../engine.js";
import { type FileSource, fileSource, openFile } from "./file.js";
import { type ModelSource, openModel } from "./model.js";
import { optimizedModel } from "./optimization.js";
import { onnxObstacles, planOnnx } from "./plan.js";
import { refuseTelemetry } from "./telemetry.js";
import { sendableModel } from "./weights.js";

/** ONNX Runtime on the CPU: the default engine. */
export const onnxEngine: Engine = {
	name: "onnx",
	runtime: () => {
		refuseTelemetry();
		return RUNTIME;
	},
	obstacles: onnxObstacles,
	prepare,
	prepareFile,
};

const RUNTIME = {
	script: new URL("./worker.js", import.meta.url),
	open: (source: unknown, resources?: Map<string, object>) =>
		openSource(source as ModelSource | FileSource, resources),
};

function openSource(
	source: ModelSource | FileSource,
	resources?: Map<string, object>,
) {
	return "program" in source ? openModel(source, resources) : openFile(source);
}

async function prepare(
	program: Program,
	{ workers: wanted = 1, threads, starting }: PrepareOptions,
): Promise<Form | Refusal> {
	// a process may be started that loads the runtime before any thread does
	refuseTelemetry();
	const { sharesResources } = program;
	// what signatures share has to be in one thread: the one that all of them can reach
	const workers = sharesResources ? 0 : wanted;
	const options = { threads: threads ?? fairShare(workers) };
	starting?.(workers);
	const planned = planOnnx(program);
	if ("obstacles" in planned) return planned;
	const { inputs, outputs, program: plan } = planned;
	// scripts without workers have more use for a quick start
	const send = workers > 0 ? optimizedModel : sendableModel;
	const sendable = await send({ program: plan, options });
	return { ...sendable, workers, inputs, outputs, sharesResources };
}

function prepareFile(
	model: OnnxModel,
	{ workers = 1, threads, starting }: PrepareOptions,
): Form {
	starting?.(workers);
	const options = { threads: threads ?? fairShare(workers) };
	const source = fileSource(model, options);
	// the model itself, which may hold weights, is kept by nobody
	const { inputs, outputs } = source;
	return { source, transferList: [], workers, inputs, outputs, isSmall: true };
}

/** The processors are shared among the workers. */
function fairShare(workers: number): number {
	return Math.max(1, Math.floor(availableParallelism() / Math.max(1, workers)));
}
