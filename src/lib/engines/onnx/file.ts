import { create, toBinary } from "@bufbuild/protobuf";
import type {
	InferenceSession,
	Tensor as OnnxTensor,
} from "onnxruntime-common";
import { ModelProtoSchema } from "../../../gen/onnx_pb.js";
import { readWhole } from "../../formats/file.js";
import type { OnnxPort } from "../../onnx/ports.js";
import type { OnnxModel } from "../../onnx/read.js";
import type { Model } from "../../steps/run.js";
import type { Tensors } from "../engine.js";
import { openRefusal, runRefusal } from "./refusal.js";
import {
	loadRuntime,
	type Runtime,
	runtimeOptions,
	type SessionOptions,
} from "./runtime.js";
import { textFromOnnx, textToOnnx } from "./text.js";
import { fromOnnx, toOnnx } from "./values.js";

/** What a thread needs to run an ONNX file that somebody else wrote. */
export interface FileSource {
	readonly path: string;
	readonly inputs: readonly OnnxPort[];
	readonly outputs: readonly OnnxPort[];
	/** Files of weights: as the model names them, and where they are. */
	readonly external: readonly {
		readonly location: string;
		readonly path: string;
	}[];
	/** Values that are given as outputs beyond those that the file names. */
	readonly added: readonly string[];
	readonly options: SessionOptions;
}

export function fileSource(
	{ path, graph, inputs, outputs, external }: OnnxModel,
	options: SessionOptions,
): FileSource {
	const named = new Set(graph.output.map(({ name }) => name));
	return {
		path,
		inputs,
		outputs,
		external: external.map((file) => ({
			location: file.location,
			path: file.path,
		})),
		added: outputs
			.map(({ value }) => value)
			.filter((value) => !named.has(value)),
		options,
	};
}

/** Opens an ONNX file in ONNX Runtime, in this thread. Fails with CORRUPT or UNSUPPORTED where it does not take the file. */
export async function openFile(source: FileSource): Promise<Model> {
	const runtime = await loadRuntime();
	const session = await openSession(runtime, source).catch((cause: unknown) => {
		throw openRefusal(source.path, cause);
	});
	const fetched = source.outputs.map(({ value }) => value);
	return {
		run: async (inputs) => {
			const feeds: Record<string, OnnxTensor> = {};
			for (const { name, value } of source.inputs)
				feeds[value] = feedOf(name, inputs, runtime);
			const results = await session
				.run(feeds, fetched)
				.catch((cause: unknown) => {
					throw runRefusal(cause);
				});
			return Object.fromEntries(
				source.outputs.map(({ name, value, dtype }) => [
					name,
					dtype === "string"
						? textFromOnnx(results[value])
						: fromOnnx(results[value], dtype),
				]),
			);
		},
		close: () => session.release(),
	};
}

/** The native runtime opens a file by its path, without a copy in JavaScript; the other one has no files. */
function openSession(
	runtime: Runtime,
	{ path, external, added, options }: FileSource,
): Promise<InferenceSession> {
	const given = runtimeOptions(options);
	if (runtime.name === "onnxruntime-node" && added.length === 0)
		return runtime.InferenceSession.create(path, given);
	const externalData = external.map((file) => ({
		path: file.location,
		data: readWhole(file.path, MAX_BYTES),
	}));
	return runtime.InferenceSession.create(
		withOutputs(readWhole(path, MAX_BYTES), added),
		{ ...given, ...(externalData.length === 0 ? {} : { externalData }) },
	);
}

const MAX_BYTES = 2 ** 32 - 1;

/** Messages that follow one another are merged, lists being joined (protobuf.dev, Encoding: Last One Wins). */
function withOutputs(model: Uint8Array, names: readonly string[]): Uint8Array {
	if (names.length === 0) return model;
	const more = create(ModelProtoSchema, {
		graph: { output: names.map((name) => ({ name })) },
	});
	return Buffer.concat([model, toBinary(ModelProtoSchema, more)]);
}

function feedOf(name: string, inputs: Tensors, { Tensor }: Runtime) {
	const given = inputs[name];
	return given.dtype === "string"
		? textToOnnx(name, given, Tensor)
		: toOnnx(given, Tensor);
}
