import { fail } from "../errors.js";

/** What a configuration is made of. */
export type Json =
	| null
	| boolean
	| number
	| string
	| readonly Json[]
	| JsonObject;

export interface JsonObject {
	readonly [name: string]: Json | undefined;
}

/** Keras nests a few dozen levels at most; what walks a configuration calls itself. */
const MAX_DEPTH = 200;

/** No network has so much to say of itself. */
export const MAX_CONFIG_BYTES = 2 ** 28;

/**
 * Reads JSON as Python writes it, with NaN and Infinity. Fails with CORRUPT; `file` is the name that errors mention.
 */
export function parseConfig(text: string, file: string): JsonObject {
	const value = parse(text, file);
	if (!isObject(value))
		throw fail("CORRUPT", `cannot read ${file}: it is no JSON object`, {
			at: { file },
		});
	if (depthOf(text) > MAX_DEPTH)
		throw fail(
			"CORRUPT",
			`cannot read ${file}: it is nested more than ${MAX_DEPTH} deep`,
			{ at: { file } },
		);
	return value;
}

export function isObject(value: Json | undefined): value is JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
	return Array.isArray(value);
}

function parse(text: string, file: string): Json {
	try {
		return JSON.parse(text) as Json;
	} catch (cause) {
		// outside of strings only, so that no text is changed
		const plain = text.replace(
			/"(?:[^"\\]|\\.)*"|\bNaN\b|-?\bInfinity\b/g,
			(found) =>
				found.startsWith('"') ? found : JSON.stringify(WORDS[found] ?? null),
		);
		try {
			return JSON.parse(plain) as Json;
		} catch {
			throw fail(
				"CORRUPT",
				`cannot read ${file}: ${cause instanceof Error ? cause.message : "it is no JSON"}`,
				{ at: { file }, cause },
			);
		}
	}
}

/** How `toNumber` of settings.ts finds them again. */
const WORDS: Readonly<Record<string, string>> = {
	NaN: "NaN",
	Infinity: "Infinity",
	"-Infinity": "-Infinity",
};

/** Of brackets outside of strings. */
function depthOf(text: string): number {
	let depth = 0;
	let deepest = 0;
	let inString = false;
	for (let i = 0; i < text.length; i++) {
		const code = text.charCodeAt(i);
		if (inString) {
			if (code === 0x5c) i++;
			else if (code === 0x22) inString = false;
		} else if (code === 0x22) inString = true;
		else if (code === 0x5b || code === 0x7b)
			deepest = Math.max(deepest, ++depth);
		else if (code === 0x5d || code === 0x7d) depth--;
	}
	return deepest;
}
