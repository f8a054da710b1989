import { CODE, skipSpace } from "./characters.js";
import { latin1, skipString, skipValue } from "./syntax.js";
import { stringBytes, stringText } from "./text.js";

/** Where the string of a `{"b64": "…"}` object lies, and where the object ends. */
export interface Base64Place {
	readonly start: number;
	readonly end: number;
	readonly objectEnd: number;
}

/** The place of the string if the value at `at` is an object with the one member `b64`, a string. */
export function findBase64(
	bytes: Uint8Array,
	at: number,
): Base64Place | undefined {
	if (bytes[at] !== CODE.OPEN_OBJECT) return undefined;
	const nameAt = skipSpace(bytes, at + 1);
	if (bytes[nameAt] !== CODE.QUOTE) return undefined;
	const nameEnd = skipString(bytes, nameAt);
	if (stringText(bytes, nameAt, nameEnd) !== "b64") return undefined;
	const colon = skipSpace(bytes, nameEnd);
	const start = skipSpace(bytes, colon + 1);
	if (bytes[colon] !== CODE.COLON || bytes[start] !== CODE.QUOTE)
		return undefined;
	const end = skipValue(bytes, start);
	const close = skipSpace(bytes, end);
	return bytes[close] === CODE.CLOSE_OBJECT
		? { start, end, objectEnd: close + 1 }
		: undefined;
}

/**
 * The bytes that a string of base64 stands for: the standard alphabet, blanks between, padding right or left out, as
 * absl::Base64Unescape takes it. Undefined for anything else.
 */
export function base64Bytes(
	bytes: Uint8Array,
	{ start, end }: Base64Place,
): Uint8Array | undefined {
	const content = bytes.subarray(start + 1, end - 1);
	const text = content.includes(CODE.ESCAPE)
		? Buffer.from(stringBytes(bytes, start, end)).toString("latin1")
		: latin1(bytes, start + 1, end - 1);
	const packed = /\s/.test(text) ? text.replace(/\s+/g, "") : text;
	const [, digits, padding] = BASE64.exec(packed) ?? [];
	if (digits === undefined || digits.length % 4 === 1) return undefined;
	const wanted = (4 - (digits.length % 4)) % 4;
	if (padding.length > 0 && padding.length !== wanted) return undefined;
	const decoded = Buffer.from(digits, "base64");
	return new Uint8Array(decoded.buffer, decoded.byteOffset, decoded.length);
}

const BASE64 = /^([A-Za-z0-9+/]*)(=*)$/;
