import { curlLine } from "./curl.js";
import type { Inspected } from "./inspect.js";
import { inlineError } from "./inspect-error.js";
import type { Style } from "./style.js";

/** The body on the first line, so that it can be cut off, then a line to type. */
export function showExample(model: Inspected, style: Style): string {
	const { example, error } = model;
	if (example === undefined || error !== undefined)
		return inlineError(model, style);
	return `${example.body}\n\n${curlLine(example.url, example.body)}\n`;
}
