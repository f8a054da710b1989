import { fileURLToPath } from "node:url";
import type { Session, Tensors } from "../../../src/lib/engines/engine.js";
import { Host } from "../../../src/lib/serving/host.js";
import { loadModel, type OpenSession } from "../../../src/lib/serving/load.js";
import type { Tensor } from "../../../src/lib/tensor/tensor.js";

/** A folder of TensorFlow Serving's own test models. */
export function upstreamModel(path: string): string {
	return fileURLToPath(
		new URL(
			`../../../fixtures/models/tensorflow-serving/${path}`,
			import.meta.url,
		),
	);
}

export const HALF_PLUS_TWO = upstreamModel(
	"saved_model_half_plus_two_2_versions",
);

/** An engine that computes half plus two, whatever the model says: every output is made of the first input. */
export const fakeEngine: OpenSession = async ({ signature }) => ({
	inputs: signature.inputs.map((port) => ({ ...port, shape: undefined })),
	outputs: signature.outputs,
	run: async (inputs) => {
		const output = halfPlusTwo(Object.values(inputs)[0]);
		return Object.fromEntries(
			signature.outputs.map(({ name }) => [name, output]),
		);
	},
	close: async () => undefined,
});

export function halfPlusTwo({ shape, data }: Tensor): Tensor {
	const halves = Array.from(data as Float32Array, (x) => x / 2 + 2);
	return { dtype: "float32", shape, data: Float32Array.from(halves) };
}

/** A session that answers when it is told to. */
export interface HeldSession extends Session {
	readonly runs: Tensors[];
	readonly isClosed: boolean;
	/** Lets the oldest run that waits answer. */
	release(): void;
}

export function heldSession(): HeldSession {
	const waiting: (() => void)[] = [];
	const runs: Tensors[] = [];
	let isClosed = false;
	return {
		inputs: [{ name: "x", dtype: "float32", shape: undefined }],
		outputs: [{ name: "y", dtype: "float32", shape: undefined }],
		runs,
		get isClosed() {
			return isClosed;
		},
		run: (inputs) => {
			runs.push(inputs);
			return new Promise((resolve) => {
				waiting.push(() => resolve({ y: inputs.x }));
			});
		},
		close: async () => {
			isClosed = true;
		},
		release: () => waiting.shift()?.(),
	};
}

/** A host whose models are read from disk and run on the fake engine. */
export function fakeHost(): Host {
	return new Host((dir) => loadModel(dir, {}, fakeEngine));
}
