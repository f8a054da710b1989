import { fail, type MlshipError } from "../../errors.js";
import { CODE, isDigit, skipSpace } from "./characters.js";

// see characters.ts for why these are not read from CODE where they are used
const {
	CLOSE_LIST,
	CLOSE_OBJECT,
	COLON,
	COMMA,
	DOT,
	ESCAPE,
	EXPONENT,
	FALSE,
	INFINITY,
	MINUS,
	NAN,
	NULL,
	OPEN_LIST,
	OPEN_OBJECT,
	PLUS,
	QUOTE,
	SMALL_EXPONENT,
	SMALL_I,
	SPACE,
	TRUE,
	UNICODE,
	ZERO,
} = CODE;

/**
 * The grammar of rapidjson 1.1.0 as TensorFlow Serving sets it: iterative, NaN and infinities allowed, done after the first
 * value. Its words and offsets for what is wrong are kept (rapidjson, reader.h and error/en.h), so that an error here is
 * the error there. A zero byte ends the text, as it does for rapidjson's streams.
 */

/** Reads over the value that a body holds and returns the offset behind it; what follows is not looked at. */
export function skipDocument(bytes: Uint8Array): number {
	if (bytes.length === 0)
		throw fail("INVALID", "JSON Parse error: The document is empty");
	return skip(bytes, documentStart(bytes), State.document);
}

/** Reads over one value inside a document. */
export function skipValue(bytes: Uint8Array, at: number): number {
	return skip(bytes, at, State.member);
}

/** The offset of the document's first byte, behind a byte order mark, or as much of one as there is, as in rapidjson. */
export function documentStart(bytes: Uint8Array): number {
	const other = BYTE_ORDER_MARK.findIndex((byte, i) => bytes[i] !== byte);
	return skipSpace(bytes, other < 0 ? BYTE_ORDER_MARK.length : other);
}

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** What is expected next; after a value it depends on what surrounds it. */
const State = {
	document: 0,
	firstName: 1,
	name: 2,
	colon: 3,
	member: 4,
	memberEnd: 5,
	firstElement: 6,
	element: 7,
	elementEnd: 8,
} as const;

/** What rapidjson says when something else comes, by state. */
const COMPLAINTS = [
	"The document is empty.",
	"Missing a name for object member.",
	"Missing a name for object member.",
	"Missing a colon after a name of object member.",
	"Invalid value.",
	"Missing a comma or '}' after an object member.",
	"Invalid value.",
	"Invalid value.",
	"Missing a comma or ']' after an array element.",
];

/** Walks tokens with a stack of its own: half a million open brackets are no reason to run out of stack. */
function skip(bytes: Uint8Array, from: number, start: number): number {
	let at = from;
	let state = start;
	const open = new Nesting();
	for (;;) {
		at = skipSpace(bytes, at);
		const code = bytes[at] ?? 0;
		const wantsValue = VALUE_STATES[state];
		if (wantsValue && (code === OPEN_LIST || code === OPEN_OBJECT)) {
			state = open.push(code);
			at++;
			continue;
		}
		if (wantsValue && STARTS_SCALAR[code] === 1) at = skipScalar(bytes, at);
		else if (code !== 0 && CLOSERS[state] === code) {
			open.pop();
			at++;
		} else {
			if (code === QUOTE && NAME_STATES[state]) {
				at = skipString(bytes, at);
				state = State.colon;
				continue;
			}
			const next = SEPARATED[state]?.[code];
			if (next === undefined) throw syntaxError(COMPLAINTS[state], at);
			state = next;
			at++;
			continue;
		}
		if (open.depth === 0) return at;
		state = open.inList ? State.elementEnd : State.memberEnd;
	}
}

const VALUE_STATES = [
	true,
	false,
	false,
	false,
	true,
	false,
	true,
	true,
	false,
];
const NAME_STATES = [
	false,
	true,
	true,
	false,
	false,
	false,
	false,
	false,
	false,
];

/** The bracket that may close what is open, by state. */
const CLOSERS = [
	0,
	CLOSE_OBJECT,
	0,
	0,
	0,
	CLOSE_OBJECT,
	CLOSE_LIST,
	0,
	CLOSE_LIST,
];

/** Which separator leads from a state to which other. */
const SEPARATED: Readonly<
	Record<number, Readonly<Record<number, number>> | undefined>
> = {
	[State.colon]: { [COLON]: State.member },
	[State.memberEnd]: { [COMMA]: State.name },
	[State.elementEnd]: { [COMMA]: State.element },
};

/** Every byte but brackets, separators and the end begins a scalar, which may then turn out to be none. */
const STARTS_SCALAR = Uint8Array.from({ length: 256 }, (_, code) =>
	code === 0 ||
	code === CLOSE_LIST ||
	code === CLOSE_OBJECT ||
	code === COMMA ||
	code === COLON
		? 0
		: 1,
);

/** One byte a level, as deep as the text is. */
class Nesting {
	depth = 0;
	#kinds = new Uint8Array(64);

	get inList(): boolean {
		return this.#kinds[this.depth - 1] === 1;
	}

	/** Opens a list or an object and returns what is expected in it. */
	push(bracket: number): number {
		if (this.depth === this.#kinds.length) {
			const grown = new Uint8Array(this.#kinds.length * 2);
			grown.set(this.#kinds);
			this.#kinds = grown;
		}
		const list = bracket === OPEN_LIST;
		this.#kinds[this.depth++] = list ? 1 : 0;
		return list ? State.firstElement : State.firstName;
	}

	pop(): void {
		this.depth--;
	}
}

function skipScalar(bytes: Uint8Array, at: number): number {
	const code = bytes[at];
	if (code === QUOTE) return skipString(bytes, at);
	if (code === NULL) return skipWord(bytes, at, "null");
	if (code === TRUE) return skipWord(bytes, at, "true");
	if (code === FALSE) return skipWord(bytes, at, "false");
	return skipNumber(bytes, at);
}

function skipWord(bytes: Uint8Array, at: number, word: string): number {
	for (let i = 0; i < word.length; i++)
		if (bytes[at + i] !== word.charCodeAt(i))
			throw syntaxError("Invalid value.", at + i);
	return at + word.length;
}

/** Reads over a string from its opening quotation mark. */
export function skipString(bytes: Uint8Array, start: number): number {
	let at = start + 1;
	for (;;) {
		const code = bytes[at] ?? 0;
		if (code === QUOTE) return at + 1;
		if (code === ESCAPE) at = skipEscape(bytes, at);
		else if (code >= SPACE) at++;
		else
			throw syntaxError(
				code === 0
					? "Missing a closing quotation mark in string."
					: "Invalid escape character in string.",
				at,
			);
	}
}

const ESCAPED = new Set([...'"\\/bfnrt'].map((char) => char.charCodeAt(0)));

function skipEscape(bytes: Uint8Array, at: number): number {
	const code = bytes[at + 1] ?? 0;
	if (ESCAPED.has(code)) return at + 2;
	if (code !== UNICODE)
		throw syntaxError("Invalid escape character in string.", at);
	const unit = hexAt(bytes, at + 2, at);
	if (!isHighSurrogate(unit)) return at + 6;
	const paired = bytes[at + 6] === ESCAPE && bytes[at + 7] === UNICODE;
	if (!paired || !isLowSurrogate(hexAt(bytes, at + 8, at)))
		throw syntaxError("The surrogate pair in string is invalid.", at);
	return at + 12;
}

/** The number that four hexadecimal digits write; `escapeAt` is where the escape began, which is what errors name. */
export function hexAt(bytes: Uint8Array, at: number, escapeAt: number): number {
	let unit = 0;
	for (let i = at; i < at + 4; i++) {
		const digit = Number.parseInt(String.fromCharCode(bytes[i] ?? 0), 16);
		if (Number.isNaN(digit))
			throw syntaxError(
				"Incorrect hex digit after \\u escape in string.",
				escapeAt,
			);
		unit = unit * 16 + digit;
	}
	return unit;
}

export function isHighSurrogate(unit: number): boolean {
	return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
	return unit >= 0xdc00 && unit <= 0xdfff;
}

/** Reads over a number, NaN or an infinity, after which rapidjson takes a fraction and an exponent too. */
export function skipNumber(bytes: Uint8Array, start: number): number {
	let at = bytes[start] === MINUS ? start + 1 : start;
	const first = bytes[at];
	if (first === NAN) at = skipWord(bytes, at, "NaN");
	else if (first === INFINITY) {
		at = skipWord(bytes, at, "Inf");
		if (bytes[at] === SMALL_I) at = skipWord(bytes, at, "inity");
	} else {
		if (!isDigit(first)) throw syntaxError("Invalid value.", at);
		at = first === ZERO ? at + 1 : skipDigits(bytes, at);
		if (isTooBig(bytes, start, at))
			throw syntaxError("Number too big to be stored in double.", start);
	}
	let fraction = 0;
	if (bytes[at] === DOT) {
		const end = skipDigits(bytes, at + 1);
		fraction = end - at - 1;
		if (fraction === 0) throw syntaxError("Miss fraction part in number.", end);
		at = end;
	}
	return isExponent(bytes[at])
		? skipExponent(bytes, at + 1, start, fraction)
		: at;
}

function skipDigits(bytes: Uint8Array, at: number): number {
	let offset = at;
	while (isDigit(bytes[offset])) offset++;
	return offset;
}

export function isExponent(code: number | undefined): boolean {
	return code === EXPONENT || code === SMALL_EXPONENT;
}

/** More than 309 digits, or as many and beyond the largest double. */
function isTooBig(bytes: Uint8Array, start: number, end: number): boolean {
	if (end - start < 309) return false;
	const text = latin1(bytes, start, end);
	return !Number.isFinite(Number(text));
}

function skipExponent(
	bytes: Uint8Array,
	from: number,
	start: number,
	fraction: number,
): number {
	const sign = bytes[from];
	const digits = sign === PLUS || sign === MINUS ? from + 1 : from;
	const end = skipDigits(bytes, digits);
	if (end === digits) throw syntaxError("Miss exponent in number.", digits);
	// rapidjson looks at a positive exponent from its second digit on; a long fraction makes room
	if (
		sign !== MINUS &&
		end - digits > 1 &&
		Number(latin1(bytes, digits, end)) > 308 + fraction
	)
		throw syntaxError("Number too big to be stored in double.", start);
	return end;
}

/** The text of bytes that are ASCII. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
	return Buffer.from(
		bytes.buffer,
		bytes.byteOffset + start,
		end - start,
	).toString("latin1");
}

export function syntaxError(complaint: string, offset: number): MlshipError {
	return fail(
		"INVALID",
		`JSON Parse error: ${complaint} at offset: ${offset}`,
		{
			at: { offset },
		},
	);
}
