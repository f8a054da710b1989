import { LENGTH_DELIMITED, type WireReader } from "../../formats/wire.js";
import type { Feature } from "./example-reader.js";

/** Notes where the wanted entries of a map of features stand. Has a lifetime: one batch. */
export class EntryFinder {
	/** By slot: where the value starts, -1 for none, and ends. */
	readonly starts: Int32Array;
	readonly ends: Int32Array;
	/** The slot of each feature: equal keys share one. */
	readonly slots: readonly number[];
	readonly #keys: readonly Uint8Array[];
	/** Slots by hash of their key, in a table of a power of two; -1 where there is none. */
	readonly #table: Int32Array;

	constructor(features: readonly Feature[]) {
		const keys = [...new Set(features.map(({ key }) => key))];
		this.starts = new Int32Array(keys.length);
		this.ends = new Int32Array(keys.length);
		this.slots = features.map(({ key }) => keys.indexOf(key));
		this.#keys = keys.map((key) => Buffer.from(key, "latin1"));
		this.#table = hashTable(this.#keys);
	}

	clear(): void {
		this.starts.fill(-1);
	}

	/** Reads `map<string, …> = 1`, whose entries have their key in field 1 and their value in field 2. */
	find(reader: WireReader): void {
		while (reader.pos < reader.end) {
			const tag = reader.varint32();
			if (tag !== FIRST) {
				reader.skip(tag & 7, 0);
				continue;
			}
			const outer = reader.enter();
			if (!this.#usualEntry(reader)) this.#entry(reader);
			reader.leave(outer);
		}
	}

	/** An entry as everybody writes it, a short key and then a value; nothing is read of any other. */
	#usualEntry(reader: WireReader): boolean {
		const { data, pos, end } = reader;
		const keyStart = pos + 2;
		const keyEnd = keyStart + data[pos + 1];
		if (data[pos] !== FIRST || data[pos + 1] > 127 || keyEnd + 2 > end)
			return false;
		if (data[keyEnd] !== SECOND) return false;
		let length = data[keyEnd + 1];
		let start = keyEnd + 2;
		if (length > 127) {
			if (data[start] > 127) return false;
			length += 128 * (data[start] - 1);
			start++;
		}
		if (start + length !== end) return false;
		reader.pos = end;
		this.#note(data, keyStart, keyEnd, start, end);
		return true;
	}

	/** Text would be made of each key for a Map; its bytes are hashed and compared as they lie there. */
	#entry(reader: WireReader): void {
		let keyStart = 0;
		let keyEnd = 0;
		let start = reader.pos;
		let end = start;
		while (reader.pos < reader.end) {
			const tag = reader.varint32();
			if (tag !== FIRST && tag !== SECOND) {
				reader.skip(tag & 7, 0);
				continue;
			}
			const length = reader.length();
			const from = reader.pos;
			reader.pos = from + length;
			if (tag === FIRST) {
				keyStart = from;
				keyEnd = reader.pos;
			} else {
				start = from;
				end = reader.pos;
			}
		}
		this.#note(reader.data, keyStart, keyEnd, start, end);
	}

	#note(
		data: Uint8Array,
		keyStart: number,
		keyEnd: number,
		start: number,
		end: number,
	): void {
		const slot = this.#slotOf(data, keyStart, keyEnd);
		if (slot < 0) return;
		this.starts[slot] = start;
		this.ends[slot] = end;
	}

	#slotOf(data: Uint8Array, start: number, end: number): number {
		const table = this.#table;
		const mask = table.length - 1;
		for (let at = hash(data, start, end) & mask; ; at = (at + 1) & mask) {
			const slot = table[at];
			if (slot < 0 || isKey(this.#keys[slot], data, start, end)) return slot;
		}
	}
}

const FIRST = (1 << 3) | LENGTH_DELIMITED;
const SECOND = (2 << 3) | LENGTH_DELIMITED;

/** Less than half full, so that probes are short and end. */
function hashTable(keys: readonly Uint8Array[]): Int32Array {
	const size = 2 ** Math.ceil(Math.log2(2 * keys.length + 1));
	const table = new Int32Array(size).fill(-1);
	for (const [slot, key] of keys.entries()) {
		let at = hash(key, 0, key.length) & (size - 1);
		while (table[at] >= 0) at = (at + 1) & (size - 1);
		table[at] = slot;
	}
	return table;
}

/** FNV-1a, with its high bits mixed into the low ones that are used. */
function hash(data: Uint8Array, start: number, end: number): number {
	let value = 0x811c9dc5;
	for (let i = start; i < end; i++)
		value = Math.imul(value ^ data[i], 0x01000193);
	return value ^ (value >>> 15);
}

function isKey(
	key: Uint8Array,
	data: Uint8Array,
	start: number,
	end: number,
): boolean {
	if (key.length !== end - start) return false;
	for (let i = 0; i < key.length; i++)
		if (key[i] !== data[start + i]) return false;
	return true;
}
