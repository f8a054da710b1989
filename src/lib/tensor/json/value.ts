import { fail } from "../../errors.js";
import type { Tensor } from "../tensor.js";
import { skipSpace } from "./characters.js";
import { decodePredictRequest } from "./decode.js";
import type { RequestInput, RequestSignature } from "./request.js";
import { skipDocument } from "./syntax.js";

/** Decodes a JSON value, as it would stand in the columnar format, for one input of a signature. Fails as a request does. */
export function decodeTensorValue(
	text: Uint8Array,
	input: RequestInput,
	signature: RequestSignature,
): Tensor {
	const end = skipSpace(text, skipDocument(text));
	if (end < text.length)
		throw fail(
			"INVALID",
			`cannot read input "${input.name}": after its JSON value more follows at offset ${end}`,
			{ at: { input: input.name, offset: end } },
		);
	const body = Buffer.concat([
		Buffer.from(`{"inputs": {${JSON.stringify(input.name)}: `),
		text,
		Buffer.from("}}"),
	]);
	const only = { key: signature.key, inputs: [input] };
	return decodePredictRequest(body, () => only).tensors[input.name];
}
