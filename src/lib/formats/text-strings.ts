/**
 * The bytes of a quoted string of protobuf's text format: text is UTF-8, escapes are C's, and so are octal and hexadecimal
 * bytes (protobuf.dev, text-format-spec). Undefined for an escape that the format does not have.
 */
export function unescapeBytes(quoted: string): Uint8Array | undefined {
	const text = quoted.slice(1, -1);
	if (!text.includes("\\")) return encoder.encode(text);
	const parts: Uint8Array[] = [];
	let at = 0;
	while (at < text.length) {
		const backslash = text.indexOf("\\", at);
		const end = backslash < 0 ? text.length : backslash;
		if (end > at) parts.push(encoder.encode(text.slice(at, end)));
		if (backslash < 0) break;
		ESCAPE.lastIndex = backslash;
		const match = ESCAPE.exec(text);
		const bytes = match === null ? undefined : escapedBytes(match);
		if (match === null || bytes === undefined) return undefined;
		parts.push(bytes);
		at = ESCAPE.lastIndex;
	}
	return Buffer.concat(parts);
}

const encoder = new TextEncoder();

const ESCAPE =
	/\\(?:([abfnrtv\\'"?])|([0-7]{1,3})|[xX]([\dA-Fa-f]{1,2})|u([\dA-Fa-f]{4})|U([\dA-Fa-f]{8}))/y;

const SIMPLE: Readonly<Record<string, number>> = {
	a: 7,
	b: 8,
	f: 12,
	n: 10,
	r: 13,
	t: 9,
	v: 11,
	"\\": 92,
	"'": 39,
	'"': 34,
	"?": 63,
};

const MAX_CODE_POINT = 0x10ffff;

function escapedBytes(match: RegExpExecArray): Uint8Array | undefined {
	const [, simple, octal, hex, short, long] = match;
	if (simple !== undefined) return Uint8Array.of(SIMPLE[simple]);
	if (octal !== undefined) return Uint8Array.of(Number.parseInt(octal, 8));
	if (hex !== undefined) return Uint8Array.of(Number.parseInt(hex, 16));
	const codePoint = Number.parseInt(short ?? long, 16);
	return codePoint > MAX_CODE_POINT
		? undefined
		: encoder.encode(String.fromCodePoint(codePoint));
}
