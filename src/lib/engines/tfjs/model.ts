import { fail, type MlshipError } from "../../errors.js";
import type { Program } from "../../graph/ir.js";
import type { Model } from "../../steps/run.js";
import type { WebModel } from "../../targets/web/lower.js";
import { toWebStorage, type WebDType } from "../../targets/web/storage.js";
import type { DType } from "../../tensor/dtype.js";
import type { Tensor, Tensors } from "../../tensor/tensor.js";
import { backendFor, isDynamic } from "./backend.js";
import {
	loadTfjs,
	type Tfjs,
	type TfjsModel,
	type TfjsTensor,
} from "./packages.js";
import { fromTfjs, toTfjs } from "./values.js";

/** What a thread needs to run a program: plain data. */
export interface TfjsSource {
	readonly artifacts: Artifacts;
	readonly backend: "wasm" | "cpu";
	readonly isDynamic: boolean;
	readonly inputs: readonly TfjsPort[];
	readonly outputs: readonly TfjsPort[];
}

/** What `tf.io.fromMemory` takes. */
export interface Artifacts {
	readonly modelTopology: WebModel["topology"];
	readonly signature: WebModel["signature"];
	readonly format: "graph-model";
	readonly weightSpecs: readonly {
		readonly name: string;
		readonly dtype: WebDType;
		readonly shape: readonly number[];
	}[];
	/** One buffer a weight, of its own. */
	readonly weightData: readonly ArrayBuffer[];
}

export interface TfjsPort {
	readonly name: string;
	/** The node of the graph model, `x:0`. */
	readonly tensor: string;
	readonly dtype: DType;
}

/** A graph model with its weights read. */
export function sourceOf(program: Program, model: WebModel): TfjsSource {
	const { topology, signature, weights } = model;
	const tensors = weights.map(({ constant }) => constant.read());
	return {
		artifacts: {
			modelTopology: topology,
			signature,
			format: "graph-model",
			weightSpecs: weights.map(({ name, dtype, constant }) => ({
				name,
				dtype,
				shape: constant.shape,
			})),
			weightData: tensors.map((tensor) => bytesOf(toWebStorage(tensor))),
		},
		backend: backendFor(model),
		isDynamic: isDynamic(model),
		inputs: program.inputs.map(({ name, dtype }) => ({
			name,
			dtype,
			tensor: signature.inputs[name].name,
		})),
		outputs: program.outputs.map(({ name, dtype }) => ({
			name,
			dtype,
			tensor: signature.outputs[name].name,
		})),
	};
}

/** Opens a graph model in this thread: a run blocks it. */
export async function openModel(source: TfjsSource): Promise<Model> {
	const tf = await loadTfjs(source.backend);
	const model = await tf.loadGraphModel(tf.io.fromMemory(source.artifacts));
	let last: Promise<unknown> = Promise.resolve();
	return {
		// one after another: the backend is the same for all that runs
		run: (inputs) => {
			const answer = last.then(async () => {
				const isEmpty = Object.values(inputs).some(({ shape }) =>
					shape.includes(0),
				);
				// WebAssembly kernels do not look whether there are elements; this moves the weights there and back
				await tf.setBackend(isEmpty ? "cpu" : source.backend);
				return runModel(tf, model, inputs, source);
			});
			last = answer.catch(() => undefined);
			return answer;
		},
		close: async () => model.dispose(),
	};
}

async function runModel(
	tf: Tfjs,
	model: TfjsModel,
	given: Tensors,
	{ inputs, outputs, isDynamic }: TfjsSource,
): Promise<Tensors> {
	const feeds: Record<string, TfjsTensor> = {};
	let results: TfjsTensor[] = [];
	try {
		for (const { name, tensor } of inputs)
			feeds[tensor] = toTfjs(tf, given[name]);
		const names = outputs.map(({ tensor }) => tensor);
		const answer = await (isDynamic
			? model.executeAsync(feeds, names)
			: model.execute(feeds, names));
		results = [answer].flat();
		const returned: Record<string, Tensor> = {};
		for (const [i, { name, dtype }] of outputs.entries())
			returned[name] = fromTfjs(tf, results[i], dtype);
		return returned;
	} catch (error) {
		throw refusal(error);
	} finally {
		for (const tensor of [...Object.values(feeds), ...results])
			tensor.dispose();
	}
}

/** TensorFlow.js checks its inputs with plain errors; whatever is of a narrower class is a mistake of a program. */
function refusal(error: unknown): MlshipError | unknown {
	if (!(error instanceof Error) || error.constructor !== Error) return error;
	return fail(
		"INVALID",
		`cannot run the model on these inputs: ${error.message.trim()}`,
		{ cause: error },
	);
}

/** A copy in a buffer of its own: it is sent to a thread, and the constant stays the program's. */
function bytesOf({
	buffer,
	byteOffset,
	byteLength,
}: ArrayBufferView): ArrayBuffer {
	return new Uint8Array(buffer, byteOffset, byteLength).slice().buffer;
}
