import { fail } from "../../errors.js";
import { CODE } from "./characters.js";
import { debugText } from "./debug-text.js";
import { eachMember, Names } from "./members.js";
import { type CodecOptions, openSource, type Source } from "./source.js";
import { documentStart, skipDocument, skipString } from "./syntax.js";
import { stringText } from "./text.js";

/** A body whose syntax is right, and where its object begins. */
export interface JsonDocument {
	readonly source: Source;
	readonly start: number;
}

/** Checks the syntax of a body; fails with INVALID in TensorFlow Serving's words, also where it is no object (json_tensor.cc, ParseJson). */
export function openDocument(
	body: Uint8Array,
	options: CodecOptions,
): JsonDocument {
	const end = skipDocument(body);
	const start = documentStart(body);
	if (body[start] !== CODE.OPEN_OBJECT)
		throw fail(
			"INVALID",
			`JSON Value: ${debugText({ bytes: body, compat: options.compat ?? "default" }, start)} Is not object`,
		);
	const source = openSource(body.subarray(0, end), options);
	if (source === undefined) throw fail("BUG", "an object has no end");
	return { source, start };
}

/** Where the values of the members that matter begin; of two with one name, the first. */
export function memberPlaces<Name extends string>(
	{ source, start }: JsonDocument,
	names: readonly Name[],
): Partial<Record<Name, number>> {
	const places: Partial<Record<Name, number>> = {};
	eachMember(source.bytes, start, new Names(names), ({ index, valueAt }) => {
		const name = names[index];
		if (name !== undefined) places[name] ??= valueAt;
		return undefined;
	});
	return places;
}

/** The signature that a body names, whose value begins at `at`; empty where it names none. */
export function signatureNameAt(
	source: Source,
	at: number | undefined,
): string {
	const { bytes } = source;
	if (at === undefined) return "";
	if (bytes[at] !== CODE.QUOTE)
		throw fail(
			"INVALID",
			`JSON Value: ${debugText(source, documentStart(bytes))} not formatted correctly. 'signature_name' key must be a string value.`,
		);
	return stringText(bytes, at, skipString(bytes, at));
}
