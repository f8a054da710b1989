import type { SignatureDef } from "../../../gen/saved_model_pb.js";
import type { Tensors } from "../../engines/engine.js";
import { fail } from "../../errors.js";
import type { ModelSpec } from "../calls.js";
import type { Host } from "../host.js";
import {
	EXAMPLES_INPUT,
	type ExampleSignature,
	requireOneInput,
	shapeText,
	typeText,
	unfit,
} from "./definition.js";
import { definitionText } from "./definition-text.js";
import type { Examples } from "./input.js";
import { type ExampleCallOptions, runExamples } from "./run.js";

export interface Regression {
	readonly version: bigint;
	/** A value an example. */
	readonly results: Float32Array;
}

/** Finds a value for each example (regressor.cc). Fails as `predict` does, and with INVALID where the signature does not regress. */
export async function regress(
	host: Host,
	spec: ModelSpec,
	examples: Examples,
	options?: ExampleCallOptions,
): Promise<Regression> {
	const { version, outputs } = await runExamples(
		{ host, spec, examples, signatureOf: regressor },
		options,
	);
	return { version, results: valuesOf(outputs, examples.examples.length) };
}

const OUTPUTS = "outputs";

/** What a definition gives as a regressor; fails with INVALID where it is none. */
export function regressor(
	key: string,
	definition: SignatureDef,
): ExampleSignature {
	requireOneInput(key, definition);
	if (Object.keys(definition.outputs).length !== 1)
		throw unfit(key, definition, "Expected one output Tensor.");
	if (!Object.hasOwn(definition.inputs, EXAMPLES_INPUT))
		throw unfit(
			key,
			definition,
			`No regression inputs found in SignatureDef: ${definitionText(definition)}`,
		);
	if (!Object.hasOwn(definition.outputs, OUTPUTS))
		throw unfit(
			key,
			definition,
			`No regression outputs found in SignatureDef: ${definitionText(definition)}`,
		);
	return { key, outputs: [OUTPUTS] };
}

/** The values of as many examples; fails with INVALID where a model's output does not tell them. */
export function valuesOf(outputs: Tensors, examples: number): Float32Array {
	const output = outputs[OUTPUTS];
	const { dtype, shape, data } = output;
	if (shape.length !== 1 && !(shape.length === 2 && shape[1] === 1))
		throw fail(
			"INVALID",
			`Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got ${shapeText(output)}`,
		);
	if (shape[0] !== examples)
		throw fail(
			"INVALID",
			`Input batch size did not match output batch size: ${examples} vs. ${shape[0]}`,
		);
	if (dtype !== "float32")
		throw fail(
			"INVALID",
			`Expected output Tensor of DT_FLOAT.  Got: ${typeText(output)}`,
		);
	return data as Float32Array;
}
