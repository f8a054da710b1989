import { fail } from "../errors.js";
import { decodeFlatbuffer } from "../formats/flatbuffer/decode.js";
import { LITE_SCHEMA, LITE_VERSION, type LiteFields } from "./schema.js";

/** What a `.tflite` file says, with codes where they are since TensorFlow 2.4; its weights stay where they are in `bytes`. Fails with CORRUPT, or UNSUPPORTED for another version. */
export function readLite(bytes: Uint8Array): LiteFields<"Model"> {
	const model = decodeFlatbuffer(LITE_SCHEMA, "Model", bytes);
	if (model.version !== LITE_VERSION)
		throw fail(
			"UNSUPPORTED",
			`cannot read a .tflite file of version ${model.version}: version ${LITE_VERSION} is known`,
		);
	if ((model.subgraphs ?? []).length === 0)
		throw fail("CORRUPT", "cannot read a .tflite file: it has no graph");
	return {
		...model,
		operatorCodes: model.operatorCodes?.map((code) => ({
			...code,
			builtinCode: Math.max(
				code.builtinCode ?? 0,
				code.deprecatedBuiltinCode ?? 0,
			),
		})),
	};
}
