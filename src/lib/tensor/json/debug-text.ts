import { CODE, skipSpace } from "./characters.js";
import { numberOf } from "./number.js";
import { latin1, skipNumber, skipString } from "./syntax.js";
import { stringBytes } from "./text.js";

/**
 * A JSON value for an error's text, as TensorFlow Serving shows it: objects over several lines, lists on one, and nothing
 * more once 256 bytes are written, which may be in the middle of a value (json_tensor.cc, JsonValueToDebugString).
 */
export function debugText(bytes: Uint8Array, at: number): string {
	const out: Written = { text: "", levels: 0 };
	writeValue(bytes, skipSpace(bytes, at), out);
	return out.text;
}

interface Written {
	text: string;
	levels: number;
}

const MAX_LENGTH = 256;

const INDENT = 4;

/** Returns the offset behind the value, or -1 where enough is written. Every level writes something, which bounds the depth. */
function writeValue(bytes: Uint8Array, at: number, out: Written): number {
	if (out.text.length >= MAX_LENGTH) return -1;
	const code = bytes[at];
	if (code === CODE.OPEN_LIST) return writeList(bytes, at, out);
	if (code === CODE.OPEN_OBJECT) return writeObject(bytes, at, out);
	if (code === CODE.QUOTE) return writeString(bytes, at, out);
	const word = WORDS.find(
		(text) => latin1(bytes, at, at + text.length) === text,
	);
	if (word !== undefined) {
		out.text += word;
		return at + word.length;
	}
	const end = skipNumber(bytes, at);
	const number = numberText(latin1(bytes, at, end));
	out.text += number;
	return number === "" ? -1 : end;
}

const WORDS = ["null", "true", "false"];

function writeList(bytes: Uint8Array, start: number, out: Written): number {
	out.text += "[";
	out.levels++;
	let at = skipSpace(bytes, start + 1);
	for (let first = true; bytes[at] !== CODE.CLOSE_LIST; first = false) {
		if (out.text.length >= MAX_LENGTH) return -1;
		if (!first) out.text += ", ";
		const end = writeValue(bytes, at, out);
		if (end < 0) return -1;
		at = nextItem(bytes, end);
	}
	return close("]", at, out);
}

function writeObject(bytes: Uint8Array, start: number, out: Written): number {
	out.text += "{";
	out.levels++;
	let at = skipSpace(bytes, start + 1);
	const empty = bytes[at] === CODE.CLOSE_OBJECT;
	for (let first = true; bytes[at] !== CODE.CLOSE_OBJECT; first = false) {
		if (out.text.length >= MAX_LENGTH) return -1;
		out.text += `${first ? "" : ","}\n${" ".repeat(INDENT * out.levels)}`;
		const colon = skipSpace(bytes, writeString(bytes, at, out));
		if (out.text.length >= MAX_LENGTH) return -1;
		out.text += ": ";
		const end = writeValue(bytes, skipSpace(bytes, colon + 1), out);
		if (end < 0) return -1;
		at = nextItem(bytes, end);
	}
	return close(
		empty ? "}" : `\n${" ".repeat(INDENT * (out.levels - 1))}}`,
		at,
		out,
	);
}

/** Over the comma, if one is there. */
function nextItem(bytes: Uint8Array, end: number): number {
	const at = skipSpace(bytes, end);
	return bytes[at] === CODE.COMMA ? skipSpace(bytes, at + 1) : at;
}

function close(text: string, at: number, out: Written): number {
	if (out.text.length >= MAX_LENGTH) return -1;
	out.levels--;
	out.text += text;
	return at + 1;
}

/** A long string is cut; there it would be shown in full. */
function writeString(bytes: Uint8Array, at: number, out: Written): number {
	const end = skipString(bytes, at);
	const shown = Buffer.from(stringBytes(bytes, at, end)).toString();
	out.text += JSON.stringify(
		shown.length > MAX_LENGTH ? `${shown.slice(0, MAX_LENGTH)}…` : shown,
	);
	return end;
}

/** Integers as they are, others with the fewest digits and a point; rapidjson's writer stops at NaN and infinities. */
function numberText(token: string): string {
	const value = numberOf(token);
	if (!Number.isFinite(value)) return "";
	if (/^-?\d+$/.test(token) && isWord64(token)) return BigInt(token).toString();
	if (Object.is(value, -0)) return "-0.0";
	const text = String(value).replace("e+", "e");
	return /[.e]/.test(text) ? text : `${text}.0`;
}

/** Beyond 64 bits an integer is read as a double. */
function isWord64(token: string): boolean {
	return (
		token.length <= 20 &&
		BigInt(token) <= 2n ** 64n - 1n &&
		BigInt(token) >= -(2n ** 63n)
	);
}
