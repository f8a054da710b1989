import { asMlshipError, ERROR_CODES } from "../../errors.js";
import { quotedText } from "../../tensor/json/quoted-text.js";
import type { Compat } from "../../tensor/json/source.js";
import { type Answer, jsonAnswer } from "./answer.js";

/** TensorFlow Serving's error body, for any failure: message and status, never a stack or a cause. */
export function errorAnswer(error: unknown, compat: Compat): Answer {
	const { code, message, upstream } = asMlshipError(error);
	const { http, grpc } = ERROR_CODES[code];
	const body = errorBody(compat === "strict" ? upstream : message);
	const answer = { ...jsonAnswer(body, http), code: grpc };
	return compat !== "strict" && PASSING.has(http)
		? { ...answer, headers: RETRY }
		: answer;
}

/** Too much at once, or still loading: it will be over. */
const PASSING: ReadonlySet<number> = new Set([429, 503]);

const RETRY = { "Retry-After": "1" };

/** `{"error": …}` as rapidjson's PrettyWriter lays it out. */
export function errorBody(message: string): string {
	return `{\n    "error": ${quotedText(message)}\n}`;
}
