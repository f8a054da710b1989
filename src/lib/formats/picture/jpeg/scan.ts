import type { BitReader } from "./bits.js";
import {
	type BlockReader,
	type BlockState,
	progressiveReader,
	readSequential,
	type Selection,
} from "./block.js";
import { broken, type Component, type Frame } from "./frame.js";
import type { HuffmanTable } from "./huffman.js";

/** A start-of-scan segment (ITU-T T.81, B.2.3). */
export interface Scan {
	readonly parts: readonly {
		readonly component: Component;
		readonly dcTable: number;
		readonly acTable: number;
	}[];
	readonly selection: Selection;
}

/** Tables by their number, each kind apart. */
export interface HuffmanTables {
	readonly dc: readonly (HuffmanTable | undefined)[];
	readonly ac: readonly (HuffmanTable | undefined)[];
}

/** Fails with CORRUPT. */
export function readScanHeader(segment: Uint8Array, frame: Frame): Scan {
	const count = segment[0];
	if (segment.length !== 4 + 2 * count || count < 1 || count > 4)
		throw broken(`a scan has ${segment.length} bytes for ${count} components`);
	const parts = Array.from({ length: count }, (_, i) => {
		const [id, tables] = segment.subarray(1 + 2 * i);
		const component = frame.components.find((one) => one.id === id);
		if (component === undefined)
			throw broken(`a scan is of component ${id}, which it does not have`);
		return { component, dcTable: tables >> 4, acTable: tables & 15 };
	});
	const [first, last, bits] = segment.subarray(1 + 2 * count);
	const [high, low] = [bits >> 4, bits & 15];
	if (frame.isProgressive && !isBand(first, last, low, count))
		throw broken(
			`a scan tells coefficients ${first} to ${last} from bit ${low}`,
		);
	return { parts, selection: { first, last, high, low, skipped: 0 } };
}

function isBand(
	first: number,
	last: number,
	low: number,
	components: number,
): boolean {
	if (low > 13) return false;
	return first === 0
		? last === 0
		: first <= last && last < 64 && components === 1;
}

/**
 * Reads the coefficients of a scan. `progress` is told after each row of units. A reader that is exhausted leaves blocks as
 * they are, as libjpeg does.
 */
export function readScan(
	frame: Frame,
	{ parts, selection }: Scan,
	tables: HuffmanTables,
	bits: BitReader,
	restartInterval: number,
	progress: (rows: number) => void,
): void {
	const read = frame.isProgressive
		? progressiveReader(selection)
		: readSequential;
	const states = parts.map((part) => stateOf(part, tables, frame, selection));
	const [{ component }] = parts;
	const isSingle = parts.length === 1;
	const rows = isSingle ? component.blocksDown : frame.unitsDown;
	const columns = isSingle ? component.blocksAcross : frame.unitsAcross;
	let left = restartInterval;
	for (let row = 0; row < rows; row++) {
		for (let column = 0; column < columns; column++) {
			if (restartInterval > 0 && left === 0) {
				bits.restart();
				for (const state of states) state.previous = 0;
				selection.skipped = 0;
				left = restartInterval;
			}
			left--;
			if (bits.isExhausted) continue;
			if (isSingle) {
				const at = (row * component.storedAcross + column) * 64;
				read(bits, states[0], at, selection);
			} else readUnit(parts, states, row, column, read, bits, selection);
		}
		progress(row + 1);
	}
}

/** All blocks of a unit, component after component. */
function readUnit(
	parts: Scan["parts"],
	states: readonly BlockState[],
	row: number,
	column: number,
	read: BlockReader,
	bits: BitReader,
	selection: Selection,
): void {
	for (let i = 0; i < parts.length; i++) {
		const { h, v, storedAcross } = parts[i].component;
		for (let y = 0; y < v; y++)
			for (let x = 0; x < h; x++) {
				const block = (row * v + y) * storedAcross + column * h + x;
				read(bits, states[i], block * 64, selection);
			}
	}
}

const NO_TABLE: HuffmanTable = {
	lookup: new Uint16Array(0),
	largest: new Int32Array(0),
	offsets: new Int32Array(0),
	symbols: new Uint8Array(0),
};

function stateOf(
	{ component, dcTable, acTable }: Scan["parts"][number],
	{ dc, ac }: HuffmanTables,
	{ isProgressive }: Frame,
	{ first, high }: Selection,
): BlockState {
	const needsDc = !isProgressive || (first === 0 && high === 0);
	const needsAc = !isProgressive || first > 0;
	const missing =
		needsDc && dc[dcTable] === undefined
			? dcTable
			: needsAc && ac[acTable] === undefined
				? acTable
				: undefined;
	if (missing !== undefined)
		throw broken(`a scan uses table ${missing}, which it does not have`);
	return {
		coefficients: component.coefficients,
		dc: dc[dcTable] ?? NO_TABLE,
		ac: ac[acTable] ?? NO_TABLE,
		previous: 0,
	};
}
