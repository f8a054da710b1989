import { fail } from "../../../errors.js";

/** Codes of up to so many bits are found in one step. */
export const LOOKAHEAD = 9;

/** Prefix codes of a DHT segment (ITU-T T.81, annex C), ready for decoding. */
export interface HuffmanTable {
	/** By the next `LOOKAHEAD` bits: length of the code << 8 | symbol; 0 where the code is longer. */
	readonly lookup: Uint16Array;
	/** By length: the largest code, -1 for none; one entry more that stops any search. */
	readonly largest: Int32Array;
	/** By length: what is added to a code to give the place of its symbol. */
	readonly offsets: Int32Array;
	readonly symbols: Uint8Array;
}

const MAX_LENGTH = 16;

/**
 * The table of a DHT segment: `codes[i]` of its first 16 bytes are how many codes have i + 1 bits, the others are the symbols.
 * Fails with CORRUPT where there are more than bits allow.
 */
export function huffmanTable(codes: Uint8Array): HuffmanTable {
	const known = RECENT.find((one) => isSame(one.codes, codes));
	if (known !== undefined) return known.table;
	const table = makeTable(codes.subarray(0, 16), codes.slice(16));
	RECENT.unshift({ codes: codes.slice(), table });
	RECENT.length = Math.min(RECENT.length, MOST_RECENT);
	return table;
}

/** Most files have the tables of the standard's annex K, or those of one camera. */
const RECENT: { readonly codes: Uint8Array; readonly table: HuffmanTable }[] =
	[];
const MOST_RECENT = 8;

function isSame(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
	return true;
}

function makeTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
	const lookup = new Uint16Array(1 << LOOKAHEAD);
	const largest = new Int32Array(MAX_LENGTH + 2).fill(-1);
	const offsets = new Int32Array(MAX_LENGTH + 2);
	largest[MAX_LENGTH + 1] = 0x7fffffff;
	let [code, place] = [0, 0];
	for (let length = 1; length <= MAX_LENGTH; length++) {
		const count = counts[length - 1];
		if (code + count > 1 << length)
			throw fail(
				"CORRUPT",
				`cannot read the JPEG: a table has ${count} codes of ${length} bits too many`,
			);
		offsets[length] = place - code;
		for (let i = 0; i < count; i++, code++, place++) {
			if (length > LOOKAHEAD) continue;
			const shift = LOOKAHEAD - length;
			lookup.fill(
				(length << 8) | symbols[place],
				code << shift,
				(code + 1) << shift,
			);
		}
		if (count > 0) largest[length] = code - 1;
		code <<= 1;
	}
	return { lookup, largest, offsets, symbols };
}
