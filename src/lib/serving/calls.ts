import type { SignatureDef } from "../../gen/saved_model_pb.js";
import type { Tensors } from "../engines/engine.js";
import { fail } from "../errors.js";
import { DEFAULT_SIGNATURE } from "../savedmodel/signature.js";
import type { Host, Served, VersionChoice, VersionStatus } from "./host.js";
import { notFound } from "./not-found.js";
import type { Trace } from "./observer.js";
import { predict as runSignature } from "./predict.js";

/** What a request is for, by whichever protocol it came. */
export interface ModelSpec {
	readonly model: string;
	/** Without it the latest version that answers. */
	readonly choice?: VersionChoice | undefined;
	/** Empty for the default one. */
	readonly signature: string;
	/** What `Host.find` splits requests by: `Host.routingKey` gives it. */
	readonly key?: string | undefined;
}

export interface PredictOptions {
	/** Just these outputs; empty for all. */
	readonly outputs?: readonly string[];
	/** Once it aborts nobody waits for the answer: the call fails with its reason. */
	readonly signal?: AbortSignal | undefined;
	/** Hears which version answers, and how long the model takes. */
	readonly trace?: Trace | undefined;
}

export interface Prediction {
	readonly version: bigint;
	readonly outputs: Tensors;
}

/**
 * Runs a signature of a model. Fails as `Host.find` does, with NOT_FOUND for a signature that is not there, as `predict.ts`
 * does for inputs, and with INVALID, in TensorFlow Serving's words, for outputs that cannot be chosen.
 */
export function predict(
	host: Host,
	spec: ModelSpec,
	inputs: Tensors,
	options: PredictOptions = {},
): Promise<Prediction> {
	const served = findTraced(host, spec, options.trace);
	return predictOn(served, signatureKey(spec), inputs, options);
}

/** `Host.find`, noted. */
export function findTraced(
	host: Host,
	{ model, choice, key }: Omit<ModelSpec, "signature">,
	trace: Trace | undefined,
): Served {
	const served = host.find(model, choice, key);
	if (trace !== undefined) trace.version = served.version;
	return served;
}

/** The same on a version that was found already, so that one request is answered by one version. */
export async function predictOn(
	{ version, loaded }: Served,
	key: string,
	inputs: Tensors,
	{ outputs: names = [], signal, trace }: PredictOptions = {},
): Promise<Prediction> {
	if (names.length > 0)
		checkOutputs(
			names,
			loaded.signature(key).outputs.map(({ name }) => name),
		);
	signal?.throwIfAborted();
	const before = performance.now();
	const outputs = await untilAborted(
		runSignature(loaded, key, inputs, signal),
		signal,
	);
	if (trace !== undefined) trace.runMs = performance.now() - before;
	return {
		version,
		outputs:
			names.length === 0
				? outputs
				: Object.fromEntries(names.map((name) => [name, outputs[name]])),
	};
}

/** All that the exporter wrote of a version's signatures. */
export function metadata(
	host: Host,
	{ model, choice }: Omit<ModelSpec, "signature">,
): {
	readonly version: bigint;
	readonly definitions: Readonly<Record<string, SignatureDef>>;
} {
	const { version, loaded } = host.find(model, choice);
	return { version, definitions: loaded.definitions };
}

/** Where the chosen version of a model stands, or all of them, the latest first. Fails with NOT_FOUND where there are none. */
export function status(
	host: Host,
	{ model, choice }: Omit<ModelSpec, "signature">,
): readonly VersionStatus[] {
	const all = host.statuses(model);
	const offer = { name: model, statuses: all, names: host.names };
	if (all.length === 0)
		throw notFound(`Could not find any versions of model ${model}`, offer);
	if (choice === undefined) return all;
	const wanted =
		"version" in choice ? choice.version : host.find(model, choice).version;
	const found = all.filter(({ version }) => version === wanted);
	if (found.length > 0) return found;
	throw notFound(`Could not find version ${wanted} of model ${model}`, offer);
}

/** The signature that is meant. */
export function signatureKey({
	signature,
}: Pick<ModelSpec, "signature">): string {
	return signature === "" ? DEFAULT_SIGNATURE : signature;
}

/** predict_util.cc, PreProcessPrediction. */
function checkOutputs(
	names: readonly string[],
	available: readonly string[],
): void {
	const seen = new Set<string>();
	for (const name of names) {
		if (!available.includes(name))
			throw fail(
				"INVALID",
				`output tensor alias not found in signature: ${name} Outputs expected to be in the set {${available.join(",")}}.`,
			);
		if (seen.has(name))
			throw fail("INVALID", `duplicate output tensor alias: ${name}`);
		seen.add(name);
	}
}

/** A run cannot be stopped, but nobody has to wait for it. What waits in a queue leaves it first, and says so itself. */
function untilAborted<T>(
	work: Promise<T>,
	signal: AbortSignal | undefined,
): Promise<T> {
	if (signal === undefined) return work;
	return new Promise((resolve, reject) => {
		const abort = () => void setImmediate(reject, signal.reason);
		signal.addEventListener("abort", abort, { once: true });
		work.then(resolve, reject).finally(() => {
			signal.removeEventListener("abort", abort);
		});
	});
}
