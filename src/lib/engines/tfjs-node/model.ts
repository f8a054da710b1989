import { asMlshipError, fail, type MlshipError } from "../../errors.js";
import type { Model } from "../../steps/run.js";
import type { Tensor, Tensors } from "../../tensor/tensor.js";
import { type Addon, type AddonTensor, loadAddon } from "./addon.js";
import { fromTensorFlow, toTensorFlow } from "./values.js";

/** What a thread needs to run a signature. */
export interface TensorFlowSource {
	readonly dir: string;
	readonly tags: readonly string[];
	readonly inputs: readonly TensorFlowPort[];
	readonly outputs: readonly TensorFlowPort[];
}

export interface TensorFlowPort {
	readonly name: string;
	/** `serving_default_x:0`. */
	readonly tensorName: string;
}

/** Opens a SavedModel in libtensorflow, in this thread: a run blocks it. */
export async function openModel(source: TensorFlowSource): Promise<Model> {
	const addon = loadAddon();
	const id = opened(addon, source);
	return {
		run: async (inputs) => runModel(addon, id, inputs, source),
		close: async () => addon.deleteSavedModel(id),
	};
}

function opened(addon: Addon, { dir, tags }: TensorFlowSource): number {
	try {
		return addon.loadSavedModel(dir, tags.join(","));
	} catch (cause) {
		const { message } = asMlshipError(cause);
		throw fail(
			"UNSUPPORTED",
			`cannot load ${dir} in libtensorflow: ${message}`,
			{
				cause,
			},
		);
	}
}

function runModel(
	addon: Addon,
	model: number,
	given: Tensors,
	{ inputs, outputs }: TensorFlowSource,
): Tensors {
	const feeds: number[] = [];
	let results: AddonTensor[];
	try {
		for (const { name } of inputs) feeds.push(toTensorFlow(addon, given[name]));
		results = addon.runSavedModel(
			model,
			feeds,
			namesOf(inputs),
			namesOf(outputs),
		);
	} catch (cause) {
		throw refusal(cause);
	} finally {
		for (const id of feeds) addon.deleteTensor(id);
	}
	const returned: Record<string, Tensor> = {};
	for (const [i, { name }] of outputs.entries())
		returned[name] = fromTensorFlow(addon, results[i]);
	return returned;
}

function namesOf(ports: readonly TensorFlowPort[]): string {
	return ports
		.map(({ tensorName }) =>
			tensorName.includes(":") ? tensorName : `${tensorName}:0`,
		)
		.join(",");
}

/** Kernels refuse their inputs through the session. */
function refusal(cause: unknown): MlshipError {
	const { message } = asMlshipError(cause);
	const reason = /^Session fail to run with error: ([\s\S]*)$/.exec(
		message,
	)?.[1];
	return reason === undefined
		? asMlshipError(cause)
		: fail("INVALID", `cannot run the model on these inputs: ${reason}`, {
				cause,
			});
}
