import { decodeUtf8, decodeUtf16, decodeUtf32 } from "./unicode-forms.js";

/** Stands for bytes that are no character. */
export const INVALID = -1;

/** Calls `found` for each character with the place of its first byte. */
export type Decode = (
	bytes: Uint8Array,
	found: (character: number, at: number) => void,
) => void;

/** How the bytes of a coding are read, by one of the names that ICU has for it; `undefined` if the platform knows none such. */
export function decoderOf(name: string): Decode | undefined {
	const key = name.toUpperCase().replace(/[-_ ]/g, "");
	const decode = DECODERS[key] ?? platformDecoder(name);
	DECODERS[key] = decode;
	return decode;
}

/** The codings that tf.strings.unicode_encode writes. */
export const ENCODERS: Readonly<
	Record<string, ((characters: readonly number[]) => Uint8Array) | undefined>
> = {
	"UTF-8": (characters) => Buffer.from(textOf(characters), "utf8"),
	"UTF-16-BE": (characters) =>
		Buffer.from(textOf(characters), "utf16le").swap16(),
	"UTF-32-BE": (characters) => {
		const view = new DataView(new ArrayBuffer(characters.length * 4));
		for (const [i, character] of characters.entries())
			view.setUint32(i * 4, character);
		return new Uint8Array(view.buffer);
	},
};

const ascii = single((byte) => (byte < 128 ? byte : INVALID));
const latin1 = single((byte) => byte);

/** Those that the platform lacks or, as the web does, takes for another. */
const DECODERS: Record<string, Decode | undefined> = {
	UTF8: decodeUtf8,
	UTF16BE: decodeUtf16(false),
	UTF16LE: decodeUtf16(true),
	UTF32BE: decodeUtf32(false),
	UTF32LE: decodeUtf32(true),
	USASCII: ascii,
	ASCII: ascii,
	ISO88591: latin1,
	LATIN1: latin1,
};

const OF_MANY_BYTES: readonly string[] = [
	"big5",
	"euc-jp",
	"euc-kr",
	"gb18030",
	"gbk",
	"iso-2022-jp",
	"shift_jis",
];

function platformDecoder(name: string): Decode | undefined {
	const decoder = platformTextDecoder(name);
	if (decoder === undefined) return undefined;
	const { encoding } = decoder;
	if (/^(?:utf|x-|replacement)/.test(encoding)) return undefined;
	if (OF_MANY_BYTES.includes(encoding)) return ofMany(encoding);
	// the web reads the controls of ISO 8859 as Windows does
	const isIso = /^iso/i.test(name);
	const table = Array.from({ length: 256 }, (_, byte) => {
		if (isIso && byte >= 0x80 && byte <= 0x9f) return byte;
		return settled(decoder.decode(Uint8Array.of(byte)));
	});
	return single((byte) => table[byte]);
}

function platformTextDecoder(
	name: string,
): InstanceType<typeof TextDecoder> | undefined {
	try {
		return new TextDecoder(name);
	} catch {
		return undefined;
	}
}

function single(characterOf: (byte: number) => number): Decode {
	return (bytes, found) => {
		for (let at = 0; at < bytes.length; at++) found(characterOf(bytes[at]), at);
	};
}

/** Byte by byte, so that it is known where a character starts. */
function ofMany(encoding: string): Decode {
	return (bytes, found) => {
		const decoder = new TextDecoder(encoding);
		let start = 0;
		const take = (text: string, next: number) => {
			for (const character of text) {
				found(settled(character), start);
				start = next;
			}
		};
		for (let at = 0; at < bytes.length; at++) {
			const byte = bytes.subarray(at, at + 1);
			const text = decoder.decode(byte, { stream: true });
			// after an error its last byte may stand for itself
			take(text, text.length > 1 ? at : at + 1);
			if (text.length > 0) start = at + 1;
		}
		take(decoder.decode(), bytes.length);
	};
}

function settled(character: string): number {
	const code = character.codePointAt(0);
	return code === undefined || code === 0xfffd ? INVALID : code;
}

function textOf(characters: readonly number[]): string {
	let text = "";
	for (const character of characters) text += String.fromCodePoint(character);
	return text;
}
