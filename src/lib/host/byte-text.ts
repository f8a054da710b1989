/** Bytes as text, one character each: what a Map finds fastest. Short texts that come again are the same string. */
export function byteText(
	bytes: Uint8Array,
	start = 0,
	end = bytes.length,
): string {
	if (end - start > MAX_KNOWN) return latin1Slice.call(bytes, start, end);
	let hash = OFFSET_BASIS;
	for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], PRIME);
	const place = (hash ^ (hash >>> 15)) & (KNOWN.length - 1);
	const known = KNOWN[place];
	if (isTextOf(known, bytes, start, end)) return known;
	const text = latin1Slice.call(bytes, start, end);
	KNOWN[place] = text;
	return text;
}

/** Words longer than this seldom come again. */
const MAX_KNOWN = 24;

/** Finding a text here takes a third of the time that making it does; the later of two takes the place. */
const KNOWN = new Array<string>(4096).fill("");

/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/). */
const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

function isTextOf(
	text: string,
	bytes: Uint8Array,
	start: number,
	end: number,
): boolean {
	if (text.length !== end - start) return false;
	for (let i = start; i < end; i++)
		if (text.charCodeAt(i - start) !== bytes[i]) return false;
	return true;
}

/** On the bytes themselves, as a Buffer around each would take longer than its text. */
const { latin1Slice } = Buffer.prototype as unknown as {
	readonly latin1Slice: (
		this: Uint8Array,
		start: number,
		end: number,
	) => string;
};
