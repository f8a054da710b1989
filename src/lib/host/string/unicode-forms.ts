import { type Decode, INVALID } from "./codings.js";

/** By the WHATWG's and ICU's rule one INVALID stands for each longest start of a character. */
export function decodeUtf8(
	bytes: Uint8Array,
	found: Parameters<Decode>[1],
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

/** Half a pair without its other half is no character; what the text breaks off in is one with it (ICU). */
export function decodeUtf16(isLittle: boolean): Decode {
	return (bytes, found) => {
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
		const unit = (at: number) =>
			at + 1 < bytes.length ? view.getUint16(at, isLittle) : INVALID;
		for (let at = 0; at < bytes.length; ) {
			const first = unit(at);
			const second = unit(at + 2);
			const isHigh = first >= 0xd800 && first < 0xdc00;
			const isPair = isHigh && second >= 0xdc00 && second < 0xe000;
			if (isPair)
				found(0x10000 + ((first & 0x3ff) << 10) + (second & 0x3ff), at);
			else found(scalarValue(first), at);
			at += isPair || (isHigh && second === INVALID) ? 4 : 2;
		}
	};
}

export function decodeUtf32(isLittle: boolean): Decode {
	return (bytes, found) => {
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
		for (let at = 0; at < bytes.length; at += 4)
			found(
				at + 4 > bytes.length
					? INVALID
					: scalarValue(view.getUint32(at, isLittle)),
				at,
			);
	};
}

/** Whether Unicode has a character of this number. */
export function isScalarValue(value: number): boolean {
	return value >= 0 && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
}

function scalarValue(value: number): number {
	return isScalarValue(value) ? value : INVALID;
}
