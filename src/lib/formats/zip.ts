import { inflateRawSync } from "node:zlib";
import { fail, type MlshipError } from "../errors.js";
import { readRange, statPath } from "./file.js";

/** One file of a zip archive. */
export interface ZipEntry {
	readonly name: string;
	readonly method: number;
	/** Bytes in the archive. */
	readonly packed: number;
	/** Bytes when unpacked. */
	readonly size: number;
	readonly crc: number;
	/** Where its local header is. */
	readonly header: number;
}

const STORED = 0;
const DEFLATED = 8;

/** Signatures and fixed lengths of a zip's records (APPNOTE.TXT 4.3.7, 4.3.12, 4.3.14, 4.3.15, 4.3.16). */
const LOCAL = { magic: 0x04034b50, length: 30 };
const DIRECTORY = { magic: 0x02014b50, length: 46 };
const END = { magic: 0x06054b50, length: 22 };
const LOCATOR64 = { magic: 0x07064b50, length: 20 };
const END64 = { magic: 0x06064b50, length: 56 };

const MAX_COMMENT = 0xffff;
const MAX_DIRECTORY_BYTES = 2 ** 26;
/** Deflate makes of one byte no more than so many (RFC 1951: 258 from two bits). */
const MOST_GROWTH = 1032;
/** The value of a field that the zip64 record holds instead. */
const ELSEWHERE = 0xffffffff;

/** The entries of an archive by name, of which only the directory at the end is read. Fails with CORRUPT. */
export function readZipDirectory(path: string): ReadonlyMap<string, ZipEntry> {
	const size = statPath(path)?.size ?? 0;
	const tailLength = Math.min(
		size,
		END.length + MAX_COMMENT + LOCATOR64.length,
	);
	const tail = viewOf(readRange(path, size - tailLength, tailLength));
	const end = findEnd(tail);
	if (end === undefined)
		throw broken(path, "it has no directory at its end: it was cut short");
	const { offset, length } = directoryPlace(path, tail, end);
	if (length > MAX_DIRECTORY_BYTES || offset + length > size)
		throw broken(path, `its directory of ${length} bytes is not in the file`);
	return readEntries(path, viewOf(readRange(path, offset, length)));
}

/** Where an entry's bytes lie in the archive. Fails with CORRUPT where they are not all there. */
export function zipEntryOffset(path: string, entry: ZipEntry): number {
	const local = viewOf(readRange(path, entry.header, LOCAL.length));
	if (local.getUint32(0, true) !== LOCAL.magic)
		throw broken(path, `${entry.name} is not where the directory says`);
	return (
		entry.header +
		LOCAL.length +
		local.getUint16(26, true) +
		local.getUint16(28, true)
	);
}

export function isStored({ method }: ZipEntry): boolean {
	return method === STORED;
}

/** An entry's bytes, unpacked; `limit` bounds what is believed. Fails with CORRUPT or UNSUPPORTED. */
export function readZipEntry(
	path: string,
	entry: ZipEntry,
	limit: number,
): Uint8Array {
	const { name, method, size, packed } = entry;
	if (size > limit || size > packed * MOST_GROWTH)
		throw broken(
			path,
			`${name} cannot have ${size} bytes, packed in ${packed}`,
		);
	const bytes = readRange(path, zipEntryOffset(path, entry), packed);
	if (method === STORED) return bytes;
	if (method !== DEFLATED)
		throw fail(
			"UNSUPPORTED",
			`cannot read ${name} of ${path}: it is packed by method ${method}, stored and deflated are known`,
			{ at: { file: path } },
		);
	try {
		return inflateRawSync(bytes, { maxOutputLength: Math.max(1, size) });
	} catch (cause) {
		throw broken(path, `${name} cannot be unpacked`, cause);
	}
}

function findEnd(tail: DataView): number | undefined {
	for (let at = tail.byteLength - END.length; at >= 0; at--)
		if (tail.getUint32(at, true) === END.magic) return at;
	return undefined;
}

function directoryPlace(path: string, tail: DataView, end: number) {
	const offset = tail.getUint32(end + 16, true);
	const length = tail.getUint32(end + 12, true);
	const locator = end - LOCATOR64.length;
	if (locator < 0 || tail.getUint32(locator, true) !== LOCATOR64.magic)
		return { offset, length };
	const place = Number(tail.getBigUint64(locator + 8, true));
	const record = viewOf(readRange(path, place, END64.length));
	if (record.getUint32(0, true) !== END64.magic)
		throw broken(path, "its zip64 record is not where it should be");
	return {
		offset: Number(record.getBigUint64(48, true)),
		length: Number(record.getBigUint64(40, true)),
	};
}

function readEntries(path: string, view: DataView): Map<string, ZipEntry> {
	const entries = new Map<string, ZipEntry>();
	for (let at = 0; at + DIRECTORY.length <= view.byteLength; ) {
		if (view.getUint32(at, true) !== DIRECTORY.magic) break;
		const nameLength = view.getUint16(at + 28, true);
		const extraLength = view.getUint16(at + 30, true);
		const nameAt = at + DIRECTORY.length;
		const extraAt = nameAt + nameLength;
		const next = extraAt + extraLength + view.getUint16(at + 32, true);
		if (next > view.byteLength) throw broken(path, "its directory is cut");
		const name = Buffer.from(
			view.buffer,
			view.byteOffset + nameAt,
			nameLength,
		).toString();
		entries.set(name, {
			name,
			method: view.getUint16(at + 10, true),
			crc: view.getUint32(at + 16, true),
			...sizes(view, at, { at: extraAt, length: extraLength }),
		});
		at = next;
	}
	return entries;
}

/** From the entry, or from its zip64 field, which holds those that do not fit, in this order (APPNOTE.TXT 4.5.3). */
function sizes(
	view: DataView,
	at: number,
	extra: { readonly at: number; readonly length: number },
): Pick<ZipEntry, "size" | "packed" | "header"> {
	const plain = [24, 20, 42].map((field) => view.getUint32(at + field, true));
	let place = zip64Field(view, extra);
	const [size, packed, header] = plain.map((value) => {
		if (value !== ELSEWHERE || place === undefined) return value;
		if (place + 8 > extra.at + extra.length) return value;
		place += 8;
		return Number(view.getBigUint64(place - 8, true));
	});
	return { size, packed, header };
}

function zip64Field(
	view: DataView,
	extra: { readonly at: number; readonly length: number },
): number | undefined {
	for (let at = extra.at; at + 4 <= extra.at + extra.length; ) {
		if (view.getUint16(at, true) === 1) return at + 4;
		at += 4 + view.getUint16(at + 2, true);
	}
	return undefined;
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
	return new DataView(buffer, byteOffset, length);
}

function broken(path: string, reason: string, cause?: unknown): MlshipError {
	return fail("CORRUPT", `cannot read ${path} as a zip archive: ${reason}`, {
		at: { file: path },
		...(cause === undefined ? {} : { cause }),
	});
}
