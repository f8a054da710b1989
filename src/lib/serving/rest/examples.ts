import { fail } from "../../errors.js";
import { CODE, skipSpace } from "../../tensor/json/characters.js";
import { debugText } from "../../tensor/json/debug-text.js";
import {
	memberPlaces,
	openDocument,
	signatureNameAt,
} from "../../tensor/json/document.js";
import type { Compat } from "../../tensor/json/source.js";
import { skipValue } from "../../tensor/json/syntax.js";
import type { Examples } from "../examples/input.js";
import { readExample } from "./features.js";

/** What the body of a classify or regress request asks for. */
export interface ExamplesRequest {
	/** Empty where it names none. */
	readonly signatureName: string;
	readonly examples: Examples;
}

/**
 * Decodes the body of a classify or regress request. Integers of the features that `floats` names become floats, as
 * JavaScript writes 2.0 as 2. Fails with INVALID in upstream's words (json_tensor.cc, FillClassifyRegressRequestFromJson).
 */
export function decodeExamplesRequest(
	body: Uint8Array,
	floats: ReadonlySet<string>,
	compat: Compat,
): ExamplesRequest {
	const document = openDocument(body, { compat });
	const { source, start } = document;
	const { bytes } = source;
	const places = memberPlaces(document, MEMBERS);
	const signatureName = signatureNameAt(source, places.signature_name);
	const context =
		places.context === undefined
			? undefined
			: readExample(bytes, places.context, floats);
	const refuse = (words: string) =>
		fail("INVALID", `JSON Value: ${debugText(source, start)} ${words}`);
	if (places.examples === undefined)
		throw refuse(
			"When method is classify, key 'examples' is expected and was not found",
		);
	if (bytes[places.examples] !== CODE.OPEN_LIST)
		throw refuse("Expecting 'examples' value to be an list/array");
	const examples = readExamples(bytes, places.examples, floats);
	if (examples.length === 0) throw refuse("'examples' value is an empty array");
	return { signatureName, examples: { examples, context } };
}

const MEMBERS = ["signature_name", "context", "examples"] as const;

function readExamples(
	bytes: Uint8Array,
	listAt: number,
	floats: ReadonlySet<string>,
): Uint8Array[] {
	const examples: Uint8Array[] = [];
	let at = skipSpace(bytes, listAt + 1);
	while (bytes[at] !== CODE.CLOSE_LIST) {
		examples.push(readExample(bytes, at, floats));
		at = skipSpace(bytes, skipValue(bytes, at));
		if (bytes[at] === CODE.COMMA) at = skipSpace(bytes, at + 1);
	}
	return examples;
}
