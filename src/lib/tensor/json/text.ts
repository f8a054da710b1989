import { CODE } from "./characters.js";
import { hexAt, isHighSurrogate } from "./syntax.js";

/** A string's bytes, escapes resolved, copied out of the body. `start` is its opening quotation mark, `end` is behind its closing one. */
export function stringBytes(
	bytes: Uint8Array,
	start: number,
	end: number,
): Uint8Array {
	const content = bytes.subarray(start + 1, end - 1);
	return content.includes(CODE.ESCAPE)
		? unescaped(content)
		: Uint8Array.prototype.slice.call(content);
}

/** A string as text: names of inputs and signatures. */
export function stringText(
	bytes: Uint8Array,
	start: number,
	end: number,
): string {
	return UTF8.decode(stringBytes(bytes, start, end));
}

const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

const ESCAPES: Readonly<Record<string, number>> = {
	b: 0x08,
	f: 0x0c,
	n: CODE.NEWLINE,
	r: CODE.RETURN,
	t: CODE.TAB,
};

/** An escape is never shorter than the bytes that it stands for. */
function unescaped(content: Uint8Array): Uint8Array {
	const out = new Uint8Array(content.length);
	let length = 0;
	for (let at = 0; at < content.length; ) {
		const code = content[at];
		if (code !== CODE.ESCAPE) {
			out[length++] = code;
			at++;
		} else if (content[at + 1] !== CODE.UNICODE) {
			const escaped = content[at + 1];
			out[length++] = ESCAPES[String.fromCharCode(escaped)] ?? escaped;
			at += 2;
		} else {
			const unit = hexAt(content, at + 2, at);
			const paired = isHighSurrogate(unit);
			length = putUtf8(
				out,
				length,
				paired ? joined(unit, hexAt(content, at + 8, at)) : unit,
			);
			at += paired ? 12 : 6;
		}
	}
	return out.slice(0, length);
}

function joined(high: number, low: number): number {
	return (((high - 0xd800) << 10) | (low - 0xdc00)) + 0x10000;
}

/** A lone low surrogate is written like any other code point, as rapidjson does. */
function putUtf8(out: Uint8Array, at: number, point: number): number {
	let length = at;
	if (point < 0x80) out[length++] = point;
	else {
		const tails = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
		out[length++] = UTF8_LEADS[tails] | (point >> (6 * tails));
		for (let tail = tails - 1; tail >= 0; tail--)
			out[length++] = 0x80 | ((point >> (6 * tail)) & 0x3f);
	}
	return length;
}

const UTF8_LEADS = [0, 0xc0, 0xe0, 0xf0];
