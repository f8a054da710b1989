import type { BitReader } from "./bits.js";
import type { HuffmanTable } from "./huffman.js";

/** Where the coefficients of a block lie, in the order of a scan; what a damaged file puts behind the last lands on it. */
export const NATURAL_ORDER = Uint8Array.from([
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40,
	48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29,
	22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
	47, 55, 62, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
	63,
]);

/** What of a component lasts from block to block. */
export interface BlockState {
	readonly coefficients: Int16Array;
	readonly dc: HuffmanTable;
	readonly ac: HuffmanTable;
	/** The last first coefficient. */
	previous: number;
}

/** What part of the coefficients a scan tells, and which of their bits. */
export interface Selection {
	readonly first: number;
	readonly last: number;
	readonly high: number;
	readonly low: number;
	/** Blocks that still have nothing more in this band. */
	skipped: number;
}

/** Reads one block into the 64 coefficients from `at`. */
export type BlockReader = (
	bits: BitReader,
	state: BlockState,
	at: number,
	selection: Selection,
) => void;

/** All coefficients at once (ITU-T T.81, F.2.2). */
export const readSequential: BlockReader = (bits, state, at) => {
	const { coefficients, dc, ac } = state;
	state.previous += bits.signed(bits.symbol(dc) & 15);
	coefficients[at] = state.previous;
	for (let k = 1; k < 64; k++) {
		const symbol = bits.symbol(ac);
		const size = symbol & 15;
		const run = symbol >> 4;
		if (size === 0) {
			if (run !== 15) break;
			k += 15;
			continue;
		}
		k += run;
		coefficients[at + NATURAL_ORDER[k]] = bits.signed(size);
	}
};

/** Which of the four kinds of progressive scans it is (T.81, annex G). */
export function progressiveReader({ first, high }: Selection): BlockReader {
	if (first === 0) return high === 0 ? readDcFirst : readDcMore;
	return high === 0 ? readAcFirst : readAcMore;
}

const readDcFirst: BlockReader = (bits, state, at, { low }) => {
	state.previous += bits.signed(bits.symbol(state.dc) & 15);
	state.coefficients[at] = state.previous << low;
};

const readDcMore: BlockReader = (bits, { coefficients }, at, { low }) => {
	if (bits.bits(1) === 1) coefficients[at] |= 1 << low;
};

const readAcFirst: BlockReader = (
	bits,
	{ coefficients, ac },
	at,
	selection,
) => {
	if (selection.skipped > 0) {
		selection.skipped--;
		return;
	}
	for (let k = selection.first; k <= selection.last; k++) {
		const symbol = bits.symbol(ac);
		const size = symbol & 15;
		const run = symbol >> 4;
		if (size > 0) {
			k += run;
			coefficients[at + NATURAL_ORDER[k]] = bits.signed(size) << selection.low;
		} else if (run === 15) k += 15;
		else {
			selection.skipped = (1 << run) + bits.bits(run) - 1;
			break;
		}
	}
};

/** One bit more of the coefficients that are known, and new ones between them. */
const readAcMore: BlockReader = (bits, { coefficients, ac }, at, selection) => {
	const { last, low } = selection;
	const bit = 1 << low;
	const refine = (place: number) => {
		if (bits.bits(1) === 1 && (coefficients[place] & bit) === 0)
			coefficients[place] += coefficients[place] >= 0 ? bit : -bit;
	};
	let k = selection.first;
	if (selection.skipped === 0)
		for (; k <= last; k++) {
			const symbol = bits.symbol(ac);
			let run = symbol >> 4;
			let value = 0;
			if ((symbol & 15) > 0) value = bits.bits(1) === 1 ? bit : -bit;
			else if (run !== 15) {
				selection.skipped = (1 << run) + bits.bits(run);
				break;
			}
			for (; k <= last; k++) {
				const place = at + NATURAL_ORDER[k];
				if (coefficients[place] !== 0) refine(place);
				else if (run-- === 0) break;
			}
			if (value !== 0 && k < 64) coefficients[at + NATURAL_ORDER[k]] = value;
		}
	if (selection.skipped === 0) return;
	for (; k <= last; k++) {
		const place = at + NATURAL_ORDER[k];
		if (coefficients[place] !== 0) refine(place);
	}
	selection.skipped--;
};
