import type {
	InferenceSession,
	Tensor as OnnxTensor,
} from "onnxruntime-common";
import { asMlshipError, fail, type MlshipError } from "../../errors.js";
import type { OnnxFile } from "../../targets/onnx/write.js";
import type { DType } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
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
	/** The signature's name of each input and output, and the one that the model has for it. */
	readonly inputs: readonly ModelPort[];
	readonly outputs: readonly ModelPort[];
	readonly options: SessionOptions;
}

/** Names differ where an output of the signature is called like an input. */
export interface ModelPort {
	readonly name: string;
	readonly onnxName: string;
	readonly dtype: DType;
}

/** A model in ONNX Runtime, in this thread: a run blocks it. */
export interface Model {
	run(inputs: Tensors): Promise<Tensors>;
	close(): Promise<void>;
}

export async function openModel(source: ModelSource): Promise<Model> {
	const { file, options } = source;
	const runtime = await loadRuntime();
	const session = await runtime.InferenceSession.create(file.model, {
		...runtimeOptions(options),
		...(file.weights.length === 0 ? {} : { externalData: [...file.weights] }),
	});
	return {
		run: (inputs) => runModel(runtime, session, inputs, source),
		close: () => session.release(),
	};
}

async function runModel(
	{ Tensor: OnnxTensorClass }: Runtime,
	session: InferenceSession,
	given: Tensors,
	{ inputs, outputs }: ModelSource,
): Promise<Tensors> {
	const feeds: Record<string, OnnxTensor> = {};
	for (const { name, onnxName } of inputs)
		feeds[onnxName] = toOnnx(given[name], OnnxTensorClass);
	const results = await session.run(feeds).catch((cause: unknown) => {
		throw refusal(cause);
	});
	const returned: Record<string, Tensor> = {};
	for (const { name, onnxName, dtype } of outputs)
		returned[name] = fromOnnx(results[onnxName], dtype);
	return returned;
}

/** A kernel that refuses its inputs, as TensorFlow's do with INVALID_ARGUMENT: an index out of range, sizes that do not meet. */
function refusal(cause: unknown): MlshipError {
	const { message } = asMlshipError(cause);
	if (!message.startsWith("Non-zero status code")) return asMlshipError(cause);
	const reason = /Status Message: ([\s\S]*)$/.exec(message)?.[1] ?? message;
	return fail(
		/failed to allocate|bad_alloc/i.test(reason) ? "OVERLOADED" : "INVALID",
		`cannot run the model on these inputs: ${reason.trim()}`,
		{ cause },
	);
}
