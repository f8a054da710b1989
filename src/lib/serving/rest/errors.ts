import { asMlshipError, ERROR_CODES } from "../../errors.js";
import { type Answer, jsonAnswer } from "./answer.js";

/** TensorFlow Serving's error body, for any failure: message and status, never a stack or a cause. */
export function errorAnswer(error: unknown): Answer {
	const { code, message } = asMlshipError(error);
	return jsonAnswer(errorBody(message), ERROR_CODES[code].http);
}

/** `{"error": …}` as rapidjson's PrettyWriter lays it out. */
export function errorBody(message: string): string {
	return `{\n    "error": ${quotedText(message)}\n}`;
}

/** Control characters get capital hex digits there, unlike in JSON.stringify. */
function quotedText(text: string): string {
	return JSON.stringify(text).replace(
		/\\(?:u00([01][0-9a-f])|.)/g,
		(found, hex?: string) =>
			hex === undefined ? found : `\\u00${hex.toUpperCase()}`,
	);
}
