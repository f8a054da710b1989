import { readWhole } from "./file.js";

/** No list of classes is longer. */
const MAX_BYTES = 2 ** 26;

/** The lines of a text, without spaces around them; empty ones keep their place, but at the end. */
export function readLines(path: string): string[] {
	const text = Buffer.from(readWhole(path, MAX_BYTES)).toString();
	return text
		.replace(/^\uFEFF/, "")
		.trimEnd()
		.split(/\r?\n/)
		.map((line) => line.trim());
}
