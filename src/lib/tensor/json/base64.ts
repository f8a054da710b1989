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
	return (
		unpadded(bytes.subarray(start + 1, end - 1)) ??
		unpadded(packed(stringBytes(bytes, start, end)))
	);
}

/** Undefined where there is more than digits and the right padding. */
function unpadded(content: Uint8Array): Uint8Array | undefined {
	const digits = digitCount(content);
	const padding = content.length - digits;
	const isRight = padding === 0 || padding === (4 - (digits % 4)) % 4;
	const isPadded = content.subarray(digits).every((code) => code === PADDING);
	if (!isPadded || !isRight || digits % 4 === 1) return undefined;
	const decoded = Buffer.from(latin1(content, 0, digits), "base64");
	return new Uint8Array(decoded.buffer, decoded.byteOffset, decoded.length);
}

const PADDING = 0x3d;

/** 1 for the 64 digits. */
const ALPHABET = Uint8Array.from({ length: 256 }, (_, code) =>
	/[A-Za-z0-9+/]/.test(String.fromCharCode(code)) ? 1 : 0,
);

/** How many digits there are before anything else. */
function digitCount(content: Uint8Array): number {
	for (let count = 0; count < content.length; count++)
		if (ALPHABET[content[count]] === 0) return count;
	return content.length;
}

/** Without blanks. */
function packed(content: Uint8Array): Uint8Array {
	return content.filter((code) => !BLANKS.has(code));
}

/** ASCII's, as absl::ascii_isspace has them. */
const BLANKS: ReadonlySet<number> = new Set([
	0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20,
]);
