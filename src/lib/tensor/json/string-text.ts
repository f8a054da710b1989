import type { ByteWriter } from "./byte-writer.js";
import { CODE } from "./characters.js";

/**
 * Writes bytes as a JSON string. They pass as they are, valid UTF-8 or not, but for what JSON makes us escape; hex digits
 * are in upper case (rapidjson, Writer::WriteString).
 */
export function putString(writer: ByteWriter, content: Uint8Array): void {
	const out = writer.reserve(2 + content.length * LONGEST);
	let at = writer.length;
	out[at++] = CODE.QUOTE;
	for (const byte of content) {
		const escaped = ESCAPES[byte];
		if (escaped === undefined) out[at++] = byte;
		else at += out.write(escaped, at, "latin1");
	}
	out[at++] = CODE.QUOTE;
	writer.length = at;
}

/** `\u001F` */
const LONGEST = 6;

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
	"\b": "\\b",
	"\t": "\\t",
	"\n": "\\n",
	"\f": "\\f",
	"\r": "\\r",
	'"': '\\"',
	"\\": "\\\\",
};

/** What stands for a byte, where it may not stand for itself. */
const ESCAPES: readonly (string | undefined)[] = Array.from(
	{ length: 256 },
	(_, byte) => {
		const short = SHORT_ESCAPES[String.fromCharCode(byte)];
		if (short !== undefined || byte >= CODE.SPACE) return short;
		return `\\u${byte.toString(16).toUpperCase().padStart(4, "0")}`;
	},
);
