import type { SignatureDef } from "../../../gen/saved_model_pb.js";
import type { Tensors } from "../../engines/engine.js";
import { fail } from "../../errors.js";
import {
	findTraced,
	type ModelSpec,
	predictOn,
	signatureKey,
} from "../calls.js";
import type { Host } from "../host.js";
import type { LoadedVersion } from "../load.js";
import { type ClassScore, classesOf, classifier } from "./classify.js";
import {
	definitionOf,
	EXAMPLES_INPUT,
	type ExampleSignature,
} from "./definition.js";
import { type Examples, serializedExamples } from "./input.js";
import { regressor, valuesOf } from "./regress.js";
import type { ExampleCallOptions } from "./run.js";

/** One signature to ask, and how: `tensorflow/serving/classify` or `tensorflow/serving/regress`. */
export interface InferenceTask {
	readonly spec: ModelSpec;
	readonly methodName: string;
}

/** What a task found, under the key of the signature that it asked. */
export type InferenceResult = { readonly signature: string } & Inference;

type Inference =
	| {
			readonly kind: "classification";
			readonly results: readonly (readonly ClassScore[])[];
	  }
	| { readonly kind: "regression"; readonly results: Float32Array };

export interface MultiInference {
	readonly version: bigint;
	/** One a task, in their order. */
	readonly results: readonly InferenceResult[];
}

/**
 * Asks several signatures of one version about the same examples (multi_inference.cc). The first task chooses the version.
 * Fails as `classify` and `regress` do, with INVALID for tasks that do not go together, with UNSUPPORTED for an unknown
 * method.
 */
export async function multiInference(
	host: Host,
	tasks: readonly InferenceTask[],
	examples: Examples,
	{ signal, trace }: ExampleCallOptions = {},
): Promise<MultiInference> {
	const [first] = tasks;
	if (first === undefined || first.spec.model === "")
		throw fail("INVALID", "ModelSpec has no name specified.");
	const served = findTraced(host, first.spec, trace);
	const plans = plansOf(served.loaded, tasks);
	const inputs = { [EXAMPLES_INPUT]: serializedExamples(examples) };
	const results = await Promise.all(
		plans.map(async ({ method, signature: { key, outputs: names } }) => {
			const options = { outputs: names, signal, trace };
			const { outputs } = await predictOn(served, key, inputs, options);
			return {
				signature: key,
				...method.read(outputs, examples.examples.length),
			};
		}),
	);
	if (trace !== undefined) trace.examples = examples.examples.length;
	return { version: served.version, results };
}

interface Method {
	signature(key: string, definition: SignatureDef): ExampleSignature;
	read(outputs: Tensors, examples: number): Inference;
}

/** signature_constants.h */
const METHODS: Readonly<Record<string, Method>> = {
	"tensorflow/serving/classify": {
		signature: classifier,
		read: (outputs, examples) => ({
			kind: "classification",
			results: classesOf(outputs, examples),
		}),
	},
	"tensorflow/serving/regress": {
		signature: regressor,
		read: (outputs, examples) => ({
			kind: "regression",
			results: valuesOf(outputs, examples),
		}),
	},
};

interface Plan {
	readonly method: Method;
	readonly signature: ExampleSignature;
}

/** What each task asks; the first that cannot be asked decides the error. */
function plansOf(
	loaded: LoadedVersion,
	tasks: readonly InferenceTask[],
): Plan[] {
	const keys = new Set<string>();
	return tasks.map(({ spec, methodName }) => {
		if (spec.model === "")
			throw fail("INVALID", "Found ModelSpec with an empty model name.");
		if (spec.model !== tasks[0].spec.model)
			throw fail(
				"INVALID",
				"All ModelSpecs in a MultiInferenceRequest must access the same model name.",
			);
		const key = signatureKey(spec);
		if (keys.has(key))
			throw fail("INVALID", `Duplicate evaluation of signature: ${key}`);
		keys.add(key);
		const absent = "Requested signature not found in model graph: ";
		const definition = definitionOf(loaded, key, absent);
		if (!Object.hasOwn(METHODS, methodName))
			throw fail(
				"UNSUPPORTED",
				`Unsupported signature method_name: ${methodName}`,
			);
		const method = METHODS[methodName];
		return { method, signature: method.signature(key, definition) };
	});
}
