import type { SignatureDef } from "../../../gen/saved_model_pb.js";
import {
	type ModelSpec,
	type Prediction,
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

export interface ExampleCallOptions {
	/** Once it aborts nobody waits for the answer: the call fails with its reason. */
	readonly signal?: AbortSignal | undefined;
}

/** Runs the signature that a call names on its examples. */
export async function runExamples(
	{ host, spec, examples, signatureOf }: ExampleCall,
	{ signal }: ExampleCallOptions = {},
): Promise<Prediction> {
	const served = host.find(spec.model, spec.choice, spec.key);
	const key = signatureKey(spec);
	const absent = "No signature was found with the name: ";
	const { outputs } = signatureOf(
		key,
		definitionOf(served.loaded, key, absent),
	);
	const inputs = { [EXAMPLES_INPUT]: serializedExamples(examples) };
	return predictOn(served, key, inputs, { outputs, signal });
}
