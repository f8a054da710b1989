import { createReadStream } from "node:fs";
import { asMlshipError, fail } from "../errors.js";

export interface TarEntry {
	/** With slashes; a folder's ends with one. */
	readonly name: string;
	readonly content: TarContent;
	readonly mode: number;
}

/** Bytes, or a file of the disk and its size, read when its turn comes. */
export type TarContent =
	| Uint8Array
	| { readonly path: string; readonly byteLength: number };

/**
 * An archive in the pax interchange format (POSIX.1-2017, pax). It depends on names, modes and contents alone: the times
 * are all one, the owner is root. Fails with NOT_READY where a file is no longer of its size.
 */
export async function* writeTar(
	entries: Iterable<TarEntry>,
): AsyncGenerator<Uint8Array> {
	for (const entry of entries) {
		yield* headersOf(entry);
		let done = 0;
		for await (const part of partsOf(entry)) {
			done += part.byteLength;
			yield part;
		}
		const { byteLength } = entry.content;
		if (done !== byteLength)
			throw fail(
				"NOT_READY",
				`cannot read ${entry.name}: it had ${byteLength} bytes, and ${done} when it was read`,
				{ hint: "try again when nobody writes it" },
			);
		yield padding(done);
	}
	yield new Uint8Array(2 * BLOCK);
}

const BLOCK = 512;

/** 1985-10-26T08:15:00Z in seconds, as npm has it: 1970 is taken for a mistake by some readers. */
export const ENTRY_TIME = 499_162_500;

async function* partsOf({ content }: TarEntry): AsyncGenerator<Uint8Array> {
	if (content instanceof Uint8Array) {
		yield content;
		return;
	}
	try {
		// what grows while it is read is told by the size
		yield* createReadStream(content.path, { end: content.byteLength });
	} catch (error) {
		throw asMlshipError(error);
	}
}

/** What a plain header has no room for stands in a record before it. */
function* headersOf({ name, content, mode }: TarEntry): Generator<Uint8Array> {
	const type = name.endsWith("/") ? "5" : "0";
	const records: string[] = [];
	if (Buffer.byteLength(name) > NAME) records.push(record("path", name));
	if (content.byteLength > MAX_SIZE)
		records.push(record("size", String(content.byteLength)));
	if (records.length > 0) {
		const extended = Buffer.from(records.join(""));
		yield header("pax", extended.byteLength, 0o644, "x");
		yield extended;
		yield padding(extended.byteLength);
	}
	yield header(name, Math.min(content.byteLength, MAX_SIZE), mode, type);
}

/** Bytes of the name in a header, and the largest size that eleven octal digits hold. */
const NAME = 100;
const MAX_SIZE = 8 ** 11 - 1;

/** `30 path=…\n`, where the number counts itself too. */
function record(key: string, value: string): string {
	const rest = ` ${key}=${value}\n`;
	const length = Buffer.byteLength(rest);
	let total = length + String(length).length;
	if (String(total).length > String(length).length)
		total = length + String(total).length;
	return `${total}${rest}`;
}

/** ustar's header: POSIX.1-2017, pax, "ustar Interchange Format". */
function header(
	name: string,
	size: number,
	mode: number,
	type: string,
): Uint8Array {
	const bytes = Buffer.alloc(BLOCK);
	const put = (text: string, at: number): void => void bytes.write(text, at);
	const octal = (value: number, at: number, digits: number): void =>
		put(value.toString(8).padStart(digits, "0"), at);
	Buffer.from(name).copy(bytes, 0, 0, NAME);
	octal(mode, 100, 7);
	octal(0, 108, 7);
	octal(0, 116, 7);
	octal(size, 124, 11);
	octal(ENTRY_TIME, 136, 11);
	put(" ".repeat(8), 148);
	put(type, 156);
	put("ustar\0", 257);
	put("00", 263);
	const sum = bytes.reduce((total, byte) => total + byte, 0);
	put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
	return bytes;
}

function padding(byteLength: number): Uint8Array {
	return new Uint8Array((BLOCK - (byteLength % BLOCK)) % BLOCK);
}
