import { type StatusObject, status } from "@grpc/grpc-js";
import { asMlshipError, ERROR_CODES, type ErrorCode } from "../../errors.js";
import type { Compat } from "../../tensor/json/source.js";

/** What a call that failed ends with: never a stack or a cause. A strict text ends where TensorFlow Serving's does. */
export function statusOf(
	error: unknown,
	compat: Compat = "default",
): Pick<StatusObject, "code" | "details"> {
	const { code, message, upstream } = asMlshipError(error);
	return {
		code: statusCode(code),
		details: truncated(compat === "strict" ? upstream : message),
	};
}

/** The number of a failure's status, which is the one in TensorFlow's error codes too. */
export function statusCode(code: ErrorCode): status {
	return status[ERROR_CODES[code].grpc];
}

/** Longer messages might not fit into a header (grpc_status_util.cc, ToGRPCStatus). */
const MAX_BYTES = 1024;

/** By way of bytes, as a half of a surrogate pair could not be sent. */
function truncated(message: string): string {
	const text = Buffer.from(message);
	if (text.length <= MAX_BYTES) return text.toString();
	let end = MAX_BYTES;
	while ((text[end] & 0xc0) === 0x80) end--;
	return `${text.toString("utf8", 0, end)}...TRUNCATED`;
}
