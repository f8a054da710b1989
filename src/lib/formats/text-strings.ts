/**
 * The bytes of a quoted string of protobuf's text format: text is UTF-8, escapes are C's, and so are octal and hexadecimal
 * bytes (protobuf.dev, text-format-spec). Undefined for an escape that the format does not have.
 */
export function unescapeBytes(quoted: string): Uint8Array | undefined {
	const text = quoted.slice(1, -1);
	// No escape is shorter than what it stands for.
	const bytes = Buffer.alloc(Buffer.byteLength(text));
	let filled = 0;
	for (let at = 0; at < text.length; ) {
		const backslash = text.indexOf("\\", at);
		const end = backslash < 0 ? text.length : backslash;
		filled += bytes.write(text.slice(at, end), filled);
		at = end;
		if (backslash < 0) break;
		ESCAPE.lastIndex = backslash;
		const match = ESCAPE.exec(text);
		const written = match === null ? 0 : writeEscape(match, bytes, filled);
		if (written === 0) return undefined;
		filled += written;
		at = ESCAPE.lastIndex;
	}
	return bytes.subarray(0, filled);
}

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

/** How many bytes it wrote; 0 for a character that Unicode does not have. */
function writeEscape(
	[, simple, octal, hex, short, long]: RegExpExecArray,
	bytes: Buffer,
	at: number,
): number {
	const codePoint = Number.parseInt(short ?? long, 16);
	if (codePoint > MAX_CODE_POINT) return 0;
	if (codePoint >= 0) return bytes.write(String.fromCodePoint(codePoint), at);
	if (simple !== undefined) bytes[at] = SIMPLE[simple];
	else bytes[at] = Number.parseInt(octal ?? hex, octal === undefined ? 16 : 8);
	return 1;
}
