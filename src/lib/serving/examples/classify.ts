import type { SignatureDef } from "../../../gen/saved_model_pb.js";
import type { Tensors } from "../../engines/engine.js";
import { fail } from "../../errors.js";
import type { Tensor } from "../../tensor/tensor.js";
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

/** A class of an example: its label, as bytes, empty where the model gives none, and its score, 0 where it gives none. */
export interface ClassScore {
	readonly label: Uint8Array;
	readonly score: number;
}

export interface Classification {
	readonly version: bigint;
	/** The classes of each example. */
	readonly results: readonly (readonly ClassScore[])[];
}

/** Classifies examples (classifier.cc). Fails as `predict` does, and with INVALID where the signature does not classify. */
export async function classify(
	host: Host,
	spec: ModelSpec,
	examples: Examples,
	options?: ExampleCallOptions,
): Promise<Classification> {
	const { version, outputs } = await runExamples(
		{ host, spec, examples, signatureOf: classifier },
		options,
	);
	return { version, results: classesOf(outputs, examples.examples.length) };
}

const CLASSES = "classes";
const SCORES = "scores";

/** What a definition gives as a classifier; fails with INVALID where it is none. */
export function classifier(
	key: string,
	definition: SignatureDef,
): ExampleSignature {
	requireOneInput(key, definition);
	const count = Object.keys(definition.outputs).length;
	if (count !== 1 && count !== 2)
		throw unfit(
			key,
			definition,
			`Expected one or two output Tensors, found ${count}`,
		);
	if (!Object.hasOwn(definition.inputs, EXAMPLES_INPUT))
		throw unfit(
			key,
			definition,
			`No classification inputs found in SignatureDef: ${definitionText(definition)}`,
		);
	const outputs = [CLASSES, SCORES].filter((name) =>
		Object.hasOwn(definition.outputs, name),
	);
	if (outputs.length === 0)
		throw unfit(
			key,
			definition,
			`Expected classification signature outputs to contain at least one of "${CLASSES}" or "${SCORES}". Signature was: ${definitionText(definition)}`,
		);
	return { key, outputs };
}

/** The classes of as many examples; fails with INVALID where a model's outputs do not tell them. */
export function classesOf(outputs: Tensors, examples: number): ClassScore[][] {
	const { [CLASSES]: classes, [SCORES]: scores } = outputs as Partial<Tensors>;
	if (classes !== undefined)
		checkOutput(classes, { name: CLASSES, dtype: "string", examples });
	if (scores !== undefined)
		checkOutput(scores, { name: SCORES, dtype: "float32", examples });
	const [labelCount, scoreCount] = [classes?.shape[1], scores?.shape[1]];
	if (
		labelCount !== undefined &&
		scoreCount !== undefined &&
		labelCount !== scoreCount
	)
		throw fail(
			"INVALID",
			`Tensors class and score should match in dim_size(1). Got ${labelCount} vs. ${scoreCount}`,
		);
	const count = labelCount ?? scoreCount ?? 0;
	const labels = classes?.data as readonly Uint8Array[] | undefined;
	const values = scores?.data as Float32Array | undefined;
	return Array.from({ length: examples }, (_, row) =>
		Array.from({ length: count }, (_, column) => ({
			label: labels?.[row * count + column] ?? NO_LABEL,
			score: values?.[row * count + column] ?? 0,
		})),
	);
}

const NO_LABEL = new Uint8Array(0);

function checkOutput(
	output: Tensor,
	wanted: {
		readonly name: string;
		readonly dtype: "string" | "float32";
		readonly examples: number;
	},
): void {
	const { name, dtype, examples } = wanted;
	if (output.shape.length !== 2)
		throw fail(
			"INVALID",
			`Expected Tensor shape: [batch_size num_classes] but got ${shapeText(output)}`,
		);
	if (output.dtype !== dtype)
		throw fail(
			"INVALID",
			`Expected ${name} Tensor of ${dtype === "string" ? "DT_STRING" : "DT_FLOAT"}. Got: ${typeText(output)}`,
		);
	if (output.shape[0] !== examples)
		throw fail(
			"INVALID",
			`Expected ${name} output batch size of ${examples}. Got: ${output.shape[0]}`,
		);
}
