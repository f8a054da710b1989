/** Stands for bytes that are no character. */
export const INVALID = -1;

/** How characters are bytes. */
export interface Coding {
	/** Calls `found` for each character with the place of its first byte. */
	decode(
		bytes: Uint8Array,
		found: (character: number, at: number) => void,
	): void;
	encode(characters: readonly number[]): Uint8Array;
}

/** The codings of tf.strings.unicode_*, by ICU's names in upper case. */
export const CODINGS: Readonly<Record<string, Coding | undefined>> = {
	"UTF-8": {
		decode: decodeUtf8,
		encode: (characters) =>
			Buffer.from(characters.map(textOf).join(""), "utf8"),
	},
	"UTF-16-BE": {
		decode: decodeUtf16,
		encode: (characters) =>
			Buffer.from(characters.map(textOf).join(""), "utf16le").swap16(),
	},
	"UTF-32-BE": {
		decode: (bytes, found) => {
			const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
			for (let at = 0; at < bytes.length; at += 4)
				found(
					at + 4 > bytes.length ? INVALID : scalarValue(view.getUint32(at)),
					at,
				);
		},
		encode: (characters) => {
			const view = new DataView(new ArrayBuffer(characters.length * 4));
			for (const [i, character] of characters.entries())
				view.setUint32(i * 4, character);
			return new Uint8Array(view.buffer);
		},
	},
	"US-ASCII": single((byte) => (byte < 128 ? byte : INVALID)),
	"ISO-8859-1": single((byte) => byte),
	LATIN1: single((byte) => byte),
	"WINDOWS-1252": decoderOf("windows-1252"),
	"ISO-8859-2": decoderOf("iso-8859-2"),
	"ISO-8859-5": decoderOf("iso-8859-5"),
	"ISO-8859-7": decoderOf("iso-8859-7"),
	"ISO-8859-15": decoderOf("iso-8859-15"),
	"KOI8-R": decoderOf("koi8-r"),
	"WINDOWS-1251": decoderOf("windows-1251"),
};

/** A coding of one byte a character, whose characters a decoder of the platform knows. */
function decoderOf(label: string): Coding {
	let table: readonly number[] | undefined;
	return single((byte) => {
		table ??= Array.from({ length: 256 }, (_, i) => {
			const text = new TextDecoder(label).decode(Uint8Array.of(i));
			return text.codePointAt(0) ?? INVALID;
		});
		return table[byte] === 0xfffd ? INVALID : table[byte];
	});
}

function single(characterOf: (byte: number) => number): Coding {
	return {
		decode: (bytes, found) => {
			for (let at = 0; at < bytes.length; at++)
				found(characterOf(bytes[at]), at);
		},
		encode: (characters) =>
			Uint8Array.from(characters, (character) =>
				character < 256 ? character : 0x1a,
			),
	};
}

function textOf(character: number): string {
	return String.fromCodePoint(character);
}

function scalarValue(value: number): number {
	return value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)
		? INVALID
		: value;
}

/** By the WHATWG's and ICU's rule one INVALID stands for each longest start of a character. */
function decodeUtf8(
	bytes: Uint8Array,
	found: (character: number, at: number) => void,
): void {
	for (let at = 0; at < bytes.length; ) {
		const first = bytes[at];
		if (first < 0x80) {
			found(first, at++);
			continue;
		}
		const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
		let character = first & (0xff >> (length + 1));
		let taken = 1;
		const isStart = first >= 0xc2 && first <= 0xf4;
		while (isStart && taken < length && continues(bytes, at, taken))
			character = (character << 6) | (bytes[at + taken++] & 0x3f);
		found(isStart && taken === length ? character : INVALID, at);
		at += taken;
	}
}

/** Second bytes are bounded further: no surrogates, no overlong forms, nothing beyond U+10FFFF (Unicode, table 3-7). */
function continues(bytes: Uint8Array, at: number, offset: number): boolean {
	const byte = bytes[at + offset];
	if (offset > 1) return byte >= 0x80 && byte <= 0xbf;
	const [low, high] = SECOND_BYTES[bytes[at]] ?? [0x80, 0xbf];
	return byte >= low && byte <= high;
}

const SECOND_BYTES: Readonly<
	Record<number, readonly [number, number] | undefined>
> = {
	224: [0xa0, 0xbf],
	237: [0x80, 0x9f],
	240: [0x90, 0xbf],
	244: [0x80, 0x8f],
};

function decodeUtf16(
	bytes: Uint8Array,
	found: (character: number, at: number) => void,
): void {
	const unit = (at: number) =>
		at + 1 < bytes.length ? (bytes[at] << 8) | bytes[at + 1] : INVALID;
	for (let at = 0; at < bytes.length; ) {
		const first = unit(at);
		const second = unit(at + 2);
		const isPair =
			first >= 0xd800 && first < 0xdc00 && second >= 0xdc00 && second < 0xe000;
		if (isPair) found(0x10000 + ((first & 0x3ff) << 10) + (second & 0x3ff), at);
		else found(first < 0 ? INVALID : scalarValue(first), at);
		at += isPair ? 4 : 2;
	}
}
