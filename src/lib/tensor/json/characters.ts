/** The bytes that JSON is made of. */
export const CODE = {
	TAB: 0x09,
	NEWLINE: 0x0a,
	RETURN: 0x0d,
	SPACE: 0x20,
	QUOTE: 0x22,
	PLUS: 0x2b,
	COMMA: 0x2c,
	MINUS: 0x2d,
	DOT: 0x2e,
	ZERO: 0x30,
	NINE: 0x39,
	COLON: 0x3a,
	EXPONENT: 0x45,
	INFINITY: 0x49,
	NAN: 0x4e,
	OPEN_LIST: 0x5b,
	ESCAPE: 0x5c,
	CLOSE_LIST: 0x5d,
	SMALL_EXPONENT: 0x65,
	FALSE: 0x66,
	SMALL_I: 0x69,
	NULL: 0x6e,
	TRUE: 0x74,
	UNICODE: 0x75,
	OPEN_OBJECT: 0x7b,
	CLOSE_OBJECT: 0x7d,
} as const;

/** The offset of the first byte that is not one of JSON's four blanks. */
export function skipSpace(bytes: Uint8Array, at: number): number {
	if (bytes[at] > SPACE) return at;
	let offset = at;
	for (;;) {
		const code = bytes[offset];
		if (code !== SPACE && code !== NEWLINE && code !== RETURN && code !== TAB)
			return offset;
		offset++;
	}
}

// V8 takes the properties of an imported object for variables; in loops over bytes that is felt
const { TAB, NEWLINE, RETURN, SPACE } = CODE;

export function isDigit(code: number | undefined): boolean {
	return code !== undefined && code >= CODE.ZERO && code <= CODE.NINE;
}
