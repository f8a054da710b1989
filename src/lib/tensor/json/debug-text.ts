import { CODE, skipSpace } from "./characters.js";
import { isInteger, numberOf } from "./number.js";
import { quotedText } from "./quoted-text.js";
import type { Compat } from "./source.js";
import { latin1, skipNumber, skipString } from "./syntax.js";
import { stringBytes } from "./text.js";

/**
 * A JSON value for an error's text, as TensorFlow Serving shows it: objects over several lines, lists on one, and nothing
 * more once 256 bytes are written, which may be in the middle of a value (json_tensor.cc, JsonValueToDebugString).
 */
export function debugText({ bytes, compat }: Text, at: number): string {
	const longest = compat === "strict" ? Number.POSITIVE_INFINITY : MAX_LENGTH;
	const out: Written = { text: "", size: 0, levels: 0, longest };
	writeValue(bytes, skipSpace(bytes, at), out);
	return out.text;
}

interface Text {
	readonly bytes: Uint8Array;
	readonly compat: Compat;
}

interface Written {
	text: string;
	/** Bytes of the text. */
	size: number;
	levels: number;
	/** Characters of a string that are shown; TensorFlow Serving shows all. */
	readonly longest: number;
}

const MAX_LENGTH = 256;

const INDENT = 4;

/**
 * Returns the offset behind the value, or -1 where enough is written, for which is looked before what leads to a value.
 * Every level writes something, which bounds the depth.
 */
function writeValue(bytes: Uint8Array, at: number, out: Written): number {
	const code = bytes[at];
	if (code === CODE.OPEN_LIST) return writeList(bytes, at, out);
	if (code === CODE.OPEN_OBJECT) return writeObject(bytes, at, out);
	if (code === CODE.QUOTE) return writeString(bytes, at, out);
	const word = WORDS.find(
		(text) =>
			at + text.length <= bytes.length &&
			latin1(bytes, at, at + text.length) === text,
	);
	if (word !== undefined) {
		put(out, word);
		return at + word.length;
	}
	const end = skipNumber(bytes, at);
	const number = numberText(latin1(bytes, at, end));
	put(out, number);
	return number === "" ? -1 : end;
}

function put(out: Written, text: string): void {
	out.text += text;
	out.size += Buffer.byteLength(text);
}

const WORDS = ["null", "true", "false"];

function writeList(bytes: Uint8Array, start: number, out: Written): number {
	put(out, "[");
	out.levels++;
	let at = skipSpace(bytes, start + 1);
	for (let first = true; bytes[at] !== CODE.CLOSE_LIST; first = false) {
		if (out.size >= MAX_LENGTH) return -1;
		if (!first) put(out, ", ");
		const end = writeValue(bytes, at, out);
		if (end < 0) return -1;
		at = nextItem(bytes, end);
	}
	return close("]", at, out);
}

function writeObject(bytes: Uint8Array, start: number, out: Written): number {
	put(out, "{");
	out.levels++;
	let at = skipSpace(bytes, start + 1);
	const empty = bytes[at] === CODE.CLOSE_OBJECT;
	for (let first = true; bytes[at] !== CODE.CLOSE_OBJECT; first = false) {
		if (out.size >= MAX_LENGTH) return -1;
		put(out, `${first ? "" : ","}\n${" ".repeat(INDENT * out.levels)}`);
		const colon = skipSpace(bytes, writeString(bytes, at, out));
		if (out.size >= MAX_LENGTH) return -1;
		put(out, ": ");
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
	if (out.size >= MAX_LENGTH) return -1;
	out.levels--;
	put(out, text);
	return at + 1;
}

function writeString(bytes: Uint8Array, at: number, out: Written): number {
	const end = skipString(bytes, at);
	const text = Buffer.from(stringBytes(bytes, at, end)).toString();
	put(
		out,
		quotedText(
			text.length > out.longest ? `${text.slice(0, out.longest)}…` : text,
		),
	);
	return end;
}

/** Integers as they are, others with the fewest digits and a point; rapidjson's writer stops at NaN and infinities. */
function numberText(token: string): string {
	const value = numberOf(token);
	if (!Number.isFinite(value)) return "";
	if (isInteger(token)) return BigInt(token).toString();
	if (Object.is(value, -0)) return "-0.0";
	const text = String(value).replace("e+", "e");
	return /[.e]/.test(text) ? text : `${text}.0`;
}
