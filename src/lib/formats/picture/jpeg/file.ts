import { BitReader, ENDED } from "./bits.js";
import { NATURAL_ORDER } from "./block.js";
import type { ColorMarkers } from "./color.js";
import { broken, type Frame, makeFrame, readFrameHeader } from "./frame.js";
import { type HuffmanTable, huffmanTable } from "./huffman.js";
import { readScan, readScanHeader } from "./scan.js";

/** A JPEG file with its coefficients. */
export interface JpegFile {
	readonly frame: Frame;
	readonly markers: ColorMarkers;
	/** Rows of pixels whose coefficients are there: fewer where the bytes end early. */
	readonly rowsRead: number;
}

const SOF_BASELINE = 0xc0;
const SOF_EXTENDED = 0xc1;
const SOF_PROGRESSIVE = 0xc2;
const DHT = 0xc4;
const EOI = 0xd9;
const SOS = 0xda;
const DQT = 0xdb;
const DRI = 0xdd;
const APP0 = 0xe0;
const APP14 = 0xee;
/** The other ways to store pictures (ITU-T T.81, table B.1): lossless, differential, arithmetic. */
const OTHER_FRAMES = [
	0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf,
];
const STANDALONE = [0x01, 0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8];

/** More scans than that only take time. */
const MAX_SCANS = 500;

/** Segments between scans change these. */
interface Tables {
	readonly steps: (Uint16Array | undefined)[];
	readonly dc: (HuffmanTable | undefined)[];
	readonly ac: (HuffmanTable | undefined)[];
	restartInterval: number;
	isJfif: boolean;
	adobe: number | undefined;
}

/** Where a segment's payload lies, and its marker. */
export interface Segment {
	readonly marker: number;
	readonly start: number;
	readonly end: number;
}

/** Reads all segments and scans. `recovers`: an early end is taken as the end of the file. Fails with CORRUPT. */
export function readJpegFile(bytes: Uint8Array, recovers: boolean): JpegFile {
	const tables: Tables = {
		steps: [],
		dc: [],
		ac: [],
		restartInterval: 0,
		isJfif: false,
		adobe: undefined,
	};
	let frame: Frame | undefined;
	let [at, scans, rowsRead] = [2, 0, 0];
	for (;;) {
		const segment = nextSegment(bytes, at);
		if (segment === undefined || segment.marker === EOI) break;
		const payload = bytes.subarray(segment.start, segment.end);
		at = segment.end;
		if (isFrameMarker(segment.marker)) {
			if (frame !== undefined) throw broken("it has two frames");
			const isProgressive = segment.marker === SOF_PROGRESSIVE;
			frame = makeFrame(readFrameHeader(payload), isProgressive, bytes.length);
		} else if (segment.marker === SOS) {
			if (frame === undefined) throw broken("a scan stands before its frame");
			if (++scans > MAX_SCANS)
				throw broken(`it has more than ${MAX_SCANS} scans`);
			const scan = readScanHeader(payload, frame);
			for (const { component } of scan.parts)
				component.steps ??= stepsOf(tables, component.tableId);
			const bits = new BitReader(bytes, at, recovers);
			rowsRead = 0;
			const isWhole = readUntilEnd(() => {
				readScan(
					frame as Frame,
					scan,
					tables,
					bits,
					tables.restartInterval,
					(rows) => {
						rowsRead = rows;
					},
				);
			});
			if (isWhole) rowsRead = Infinity;
			else {
				const isOnly =
					scan.parts.length === frame.components.length && !frame.isProgressive;
				if (!isOnly) throw broken(`it ends after ${bytes.length} bytes`);
				rowsRead *= frame.components.length > 1 ? 8 * frame.maxV : 8;
				break;
			}
			at = bits.offset;
		} else readTables(segment.marker, payload, tables);
	}
	if (frame === undefined || scans === 0) throw broken("it holds no picture");
	const { isJfif, adobe } = tables;
	return {
		frame,
		markers: { isJfif, adobe },
		rowsRead: Math.min(rowsRead, frame.height),
	};
}

/** The next segment at or behind `at`; scans' bytes and whatever else lies between are passed over. */
export function nextSegment(
	bytes: Uint8Array,
	at: number,
): Segment | undefined {
	let place = at;
	for (;;) {
		while (
			place + 1 < bytes.length &&
			(bytes[place] !== 0xff ||
				bytes[place + 1] === 0 ||
				bytes[place + 1] === 0xff)
		)
			place++;
		if (place + 1 >= bytes.length) return undefined;
		const marker = bytes[place + 1];
		place += 2;
		if (marker === EOI) return { marker, start: place, end: place };
		if (STANDALONE.includes(marker)) continue;
		const length = 256 * bytes[place] + bytes[place + 1];
		if (!(length >= 2 && place + length <= bytes.length))
			throw broken(`it ends in a segment, after ${bytes.length} bytes`);
		return { marker, start: place + 2, end: place + length };
	}
}

/** Whether a segment begins a picture. Fails with CORRUPT for kinds that libjpeg does not decode. */
export function isFrameMarker(marker: number): boolean {
	if (OTHER_FRAMES.includes(marker))
		throw broken(
			`it is of kind ${marker.toString(16)}, neither baseline nor progressive`,
		);
	return (
		marker === SOF_BASELINE ||
		marker === SOF_EXTENDED ||
		marker === SOF_PROGRESSIVE
	);
}

function readUntilEnd(read: () => void): boolean {
	try {
		read();
		return true;
	} catch (error) {
		if (error === ENDED) return false;
		throw error;
	}
}

function stepsOf({ steps }: Tables, id: number): Uint16Array {
	const found = steps[id];
	if (found === undefined)
		throw broken(
			`a scan uses quantization table ${id}, which it does not have`,
		);
	return found;
}

function readTables(marker: number, payload: Uint8Array, tables: Tables): void {
	if (marker === DHT) readHuffman(payload, tables);
	else if (marker === DQT) readSteps(payload, tables);
	else if (marker === DRI)
		tables.restartInterval = 256 * payload[0] + payload[1];
	else if (marker === APP0) {
		if (startsWith(payload, "JFIF\0")) tables.isJfif = true;
	} else if (marker === APP14 && payload.length >= 12)
		if (startsWith(payload, "Adobe")) tables.adobe = payload[11];
}

function startsWith(payload: Uint8Array, name: string): boolean {
	return String.fromCharCode(...payload.subarray(0, name.length)) === name;
}

function readHuffman(payload: Uint8Array, { dc, ac }: Tables): void {
	for (let at = 0; at < payload.length; ) {
		const id = payload[at];
		let count = 0;
		for (let i = at + 1; i < at + 17; i++) count += payload[i] ?? 0;
		const codes = payload.subarray(at + 1, at + 17 + count);
		const isShort = codes.length < 16 + count;
		if (isShort || (id & 15) > 3 || id > 0x1f || count > 256)
			throw broken("a table of codes is damaged");
		(id < 16 ? dc : ac)[id & 15] = huffmanTable(codes);
		at += 17 + count;
	}
}

function readSteps(payload: Uint8Array, { steps }: Tables): void {
	for (let at = 0; at < payload.length; ) {
		const [id, size] = [payload[at] & 15, payload[at] >> 4 === 0 ? 1 : 2];
		const values = payload.subarray(at + 1, at + 1 + 64 * size);
		if (values.length < 64 * size || id > 3)
			throw broken("a table of quantization is damaged");
		const table = new Uint16Array(64);
		for (let i = 0; i < 64; i++)
			table[NATURAL_ORDER[i]] =
				size === 1 ? values[i] : 256 * values[2 * i] + values[2 * i + 1];
		steps[id] = table;
		at += 1 + 64 * size;
	}
}
