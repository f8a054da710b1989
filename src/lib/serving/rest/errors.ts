import { asMlshipError, ERROR_CODES } from "../../errors.js";
import { quotedText } from "../../tensor/json/quoted-text.js";
import type { Compat } from "../../tensor/json/source.js";
import { type Answer, jsonAnswer } from "./answer.js";

/** TensorFlow Serving's error body, for any failure: message and status, never a stack or a cause. */
export function errorAnswer(error: unknown, compat: Compat): Answer {
	const { code, message, upstream } = asMlshipError(error);
	const { http, grpc } = ERROR_CODES[code];
	const body = errorBody(compat === "strict" ? upstream : message);
	return { ...jsonAnswer(body, http), code: grpc };
}

/** `{"error": …}` as rapidjson's PrettyWriter lays it out. */
export function errorBody(message: string): string {
	return `{\n    "error": ${quotedText(message)}\n}`;
}
