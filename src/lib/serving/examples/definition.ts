import type { SignatureDef } from "../../../gen/saved_model_pb.js";
import { fail, type MlshipError } from "../../errors.js";
import { nearest, quoted } from "../../nearest.js";
import { DTYPES, dataTypeName } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { LoadedVersion } from "../load.js";

/** A signature that examples go into: its one input, and the outputs that are wanted of it. */
export interface ExampleSignature {
	readonly key: string;
	readonly outputs: readonly string[];
}

/** The one input that examples go into (signature_constants.h, kClassifyInputs, kRegressInputs). */
export const EXAMPLES_INPUT = "inputs";

/** What the exporter wrote of a signature; fails with INVALID, in the words of `absent`, where there is none. */
export function definitionOf(
	{ definitions }: LoadedVersion,
	key: string,
	absent: string,
): SignatureDef {
	if (Object.hasOwn(definitions, key)) return definitions[key];
	const words = `${absent}${key}`;
	throw fail(
		"INVALID",
		`${words}; the model has ${quoted(nearest(key, Object.keys(definitions)))}`,
		{ upstream: words, at: { signature: key } },
	);
}

/** Fails with INVALID where a signature has not exactly one input. */
export function requireOneInput(key: string, definition: SignatureDef): void {
	if (Object.keys(definition.inputs).length !== 1)
		throw unfit(key, definition, "Expected one input Tensor.");
}

/** Where a signature has not what is asked for: upstream's words, then what it has. */
export function unfit(
	key: string,
	{ inputs, outputs }: SignatureDef,
	words: string,
): MlshipError {
	const names = (ports: object) => Object.keys(ports).sort().join(",");
	return fail(
		"INVALID",
		`${words}; signature "${key}" has inputs {${names(inputs)}} and outputs {${names(outputs)}}`,
		{ upstream: words, at: { signature: key } },
	);
}

/** `[2,3]`, as TensorFlow shows shapes. */
export function shapeText({ shape }: Tensor): string {
	return `[${shape.join(",")}]`;
}

/** `DT_FLOAT` */
export function typeText({ dtype }: Tensor): string {
	return dataTypeName(DTYPES[dtype].tf);
}
