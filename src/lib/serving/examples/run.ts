import type { SignatureDef } from "../../../gen/saved_model_pb.js";
import {
	findTraced,
	type ModelSpec,
	type Prediction,
	type PredictOptions,
	predictOn,
	signatureKey,
} from "../calls.js";
import type { Host } from "../host.js";
import {
	definitionOf,
	EXAMPLES_INPUT,
	type ExampleSignature,
} from "./definition.js";
import { type Examples, serializedExamples } from "./input.js";

export interface ExampleCall {
	readonly host: Host;
	readonly spec: ModelSpec;
	readonly examples: Examples;
	/** What the signature's definition gives to this kind of call; fails with INVALID where it is none. */
	signatureOf(key: string, definition: SignatureDef): ExampleSignature;
}

export type ExampleCallOptions = Omit<PredictOptions, "outputs">;

/** Runs the signature that a call names on its examples. */
export async function runExamples(
	{ host, spec, examples, signatureOf }: ExampleCall,
	{ signal, trace }: ExampleCallOptions = {},
): Promise<Prediction> {
	const served = findTraced(host, spec, trace);
	const key = signatureKey(spec);
	const absent = "No signature was found with the name: ";
	const { outputs } = signatureOf(
		key,
		definitionOf(served.loaded, key, absent),
	);
	const inputs = { [EXAMPLES_INPUT]: serializedExamples(examples) };
	const options = { outputs, signal, trace };
	const prediction = await predictOn(served, key, inputs, options);
	if (trace !== undefined) trace.examples = examples.examples.length;
	return prediction;
}
