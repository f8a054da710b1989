import type { Random } from "../random.js";

/** Breaks bytes, perhaps with parts of others; the same random numbers break them in the same way. */
export type Mutate = (
	bytes: Uint8Array,
	other: Uint8Array,
	random: Random,
) => Uint8Array;

/** Bytes with one to four of them changed, taken out, repeated, put in or cut off. */
export const mutateBytes: Mutate = (bytes, other, random) => {
	let result = bytes;
	for (let edits = 1 + random(4); edits > 0; edits--)
		result = EDITS[random(EDITS.length)](result, other, random);
	return result;
};

/** The same of text, with words of its language put in. */
export function mutateText(words: readonly string[]): Mutate {
	const putWord: Mutate = (bytes, _, random) => {
		const at = random(bytes.length + 1);
		const word = Buffer.from(words[random(words.length)]);
		return spliced(bytes, at, random(3) === 0 ? random(9) : 0, word);
	};
	return (bytes, other, random) => {
		const broken = random(2) ? putWord(bytes, other, random) : bytes;
		return random(3) ? mutateBytes(broken, other, random) : broken;
	};
}

/** Limits of integers, as bytes of them go wrong most easily. */
const EDGES: readonly number[] = [0, 1, 0x7f, 0x80, 0xff];

const EDITS: readonly Mutate[] = [
	(bytes, _, random) => changed(bytes, random(bytes.length), random(256)),
	(bytes, _, random) => {
		const at = random(bytes.length);
		return changed(bytes, at, bytes[at] ^ (1 << random(8)));
	},
	(bytes, _, random) => {
		const at = random(bytes.length);
		const edge = EDGES[random(EDGES.length)];
		return bytes.map((byte, i) => (i >= at && i < at + 8 ? edge : byte));
	},
	(bytes, _, random) =>
		spliced(bytes, random(bytes.length), 1 + random(8), new Uint8Array(0)),
	(bytes, _, random) => {
		const at = random(bytes.length);
		const part = bytes.subarray(at, at + 1 + random(16));
		return spliced(bytes, random(bytes.length), 0, part);
	},
	(bytes, other, random) => {
		const at = random(other.length);
		const part = other.subarray(at, at + 1 + random(64));
		return spliced(bytes, random(bytes.length), random(16), part);
	},
	(bytes, _, random) => bytes.subarray(0, random(bytes.length)),
];

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
	const result = Uint8Array.from(bytes);
	result[at] = value;
	return result;
}

/** With some bytes taken out and others put in. */
export function spliced(
	bytes: Uint8Array,
	at: number,
	count: number,
	added: Uint8Array,
): Uint8Array {
	return Buffer.concat([
		bytes.subarray(0, at),
		added,
		bytes.subarray(at + count),
	]);
}
