import type { InferenceSession } from "onnxruntime-common";
import { type OnnxFile, WEIGHTS_PATH } from "../../targets/onnx/write.js";
import type { DType } from "../../tensor/dtype.js";
import type { Tensors } from "../engine.js";
import {
	loadRuntime,
	type Runtime,
	runtimeOptions,
	type SessionOptions,
} from "./runtime.js";
import { fromOnnx, toOnnx } from "./values.js";

/** What a thread needs to run a plan. */
export interface ModelSource {
	readonly file: OnnxFile;
	/** The signature's element type of each output. */
	readonly outputs: Readonly<Record<string, DType>>;
	readonly options: SessionOptions;
}

/** A model in ONNX Runtime, in this thread: a run blocks it. */
export interface Model {
	run(inputs: Tensors): Promise<Tensors>;
	close(): Promise<void>;
}

export async function openModel({
	file,
	outputs,
	options,
}: ModelSource): Promise<Model> {
	const runtime = await loadRuntime();
	const session = await runtime.InferenceSession.create(file.model, {
		...runtimeOptions(options),
		...(file.weights.length === 0
			? {}
			: { externalData: [{ path: WEIGHTS_PATH, data: file.weights }] }),
	});
	return {
		run: (inputs) => runModel(runtime, session, inputs, outputs),
		close: () => session.release(),
	};
}

async function runModel(
	{ Tensor }: Runtime,
	session: InferenceSession,
	inputs: Tensors,
	outputs: ModelSource["outputs"],
): Promise<Tensors> {
	const feeds = Object.fromEntries(
		Object.entries(inputs).map(([name, tensor]) => [
			name,
			toOnnx(tensor, Tensor),
		]),
	);
	const results = await session.run(feeds);
	return Object.fromEntries(
		Object.entries(outputs).map(([name, dtype]) => [
			name,
			fromOnnx(results[name], dtype),
		]),
	);
}
