import { decodeExamplesRequest } from "../../../src/lib/serving/rest/examples.js";
import type { DType } from "../../../src/lib/tensor/dtype.js";
import { decodePredictRequest } from "../../../src/lib/tensor/json/decode.js";
import { encodePredictResponse } from "../../../src/lib/tensor/json/encode.js";
import type { Compat } from "../../../src/lib/tensor/json/source.js";
import { mutateText } from "../bytes.js";
import { anyOf } from "../outcome.js";
import type { Target } from "../target.js";

const COMPATS: readonly Compat[] = ["default", "strict"];

const WORDS = [
	...'{}[],:"\\0123456789.eE-+ \n'.split(""),
	...["null", "true", "false", "NaN", "-Infinity", "1e400", "1e-400"],
	...["9223372036854775807", "18446744073709551616", "-0", "0.1", "\\u00e9"],
	...["\\ud83d\\ude00", "\\ud83d", '{"b64": "aGk="}', '{"b64": ', "[[", "]]"],
	...['"instances": ', '"inputs": ', '"signature_name": ', '"examples": '],
	...[
		'"context": ',
		'"x": ',
		'"a": ',
		'"b": ',
		'"__proto__": ',
		"\u00e9",
		"\0",
	],
];

/** Of each, the inputs of a signature; a body is read for all of them. */
const SIGNATURES: readonly Readonly<Record<string, DType>>[] = [
	...(
		[
			...["float32", "float64", "int8", "uint8", "int32", "int64", "uint64"],
			...["bool", "string", "float16", "complex64", "resource"],
		] as DType[]
	).map((dtype) => ({ x: dtype })),
	{ a: "int64", b: "string" },
	Object.fromEntries([
		["__proto__", "int32"],
		["b", "bool"],
	]),
	{},
];

export const predictJson: Target = {
	name: "predict-json",
	codes: ["INVALID", "UNSUPPORTED"],
	mutate: mutateText(WORDS),
	rounds: 3000,
	read: (bytes) =>
		anyOf(
			COMPATS.flatMap((compat) =>
				SIGNATURES.map((inputs) => () => predict(bytes, inputs, compat)),
			),
		),
};

/** Decodes a body, and encodes what was in it as an answer. */
function predict(
	bytes: Uint8Array,
	inputs: Readonly<Record<string, DType>>,
	compat: Compat,
): unknown {
	const signature = {
		key: "serving_default",
		inputs: Object.entries(inputs).map(([name, dtype]) => ({
			name,
			dtype,
			shape: undefined,
		})),
	};
	const request = decodePredictRequest(bytes, () => signature, { compat });
	const answer =
		Object.keys(request.tensors).length > 0
			? encodePredictResponse(request.format, request.tensors, { compat })
			: undefined;
	return { request, answer };
}

export const examplesJson: Target = {
	name: "examples-json",
	codes: ["INVALID"],
	mutate: mutateText(WORDS),
	rounds: 3000,
	read: (bytes) =>
		anyOf(
			COMPATS.map(
				(compat) => () =>
					decodeExamplesRequest(bytes, new Set(["x", "age"]), compat),
			),
		),
};
