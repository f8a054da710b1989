import type { DescField } from "@bufbuild/protobuf";
import { LENGTH_DELIMITED, WireReader } from "./wire.js";

type Fields = Record<string, unknown>;

/** Reads the entry that follows into a map; with `wanted` only if it is the entry of that key. */
export type EntryReader = (
	reader: WireReader,
	map: Fields,
	wanted?: string,
) => void;

/** A map field whose entries are decoded when somebody reads the property, and not before. */
export interface LazyMap {
	readonly name: string;
	/** Gives a message the property; messages of one type share their accessors, which keeps them alike to V8. */
	readonly define: (message: Fields) => void;
	/** Passes over the entry that follows and remembers where it is. */
	readonly note: (message: Fields, reader: WireReader) => void;
	/** A map of one entry alone, at most, as long as nobody has read them all; else undefined. */
	readonly only: (message: object, key: string) => Fields | undefined;
}

/** The bytes from the first entry of a map to its last, and what came of them. */
interface Source {
	readonly reader: WireReader;
	/** After the tag of the first entry. */
	readonly start: number;
	end: number;
	/** Where the message ends. */
	readonly limit: number;
	map: Fields | undefined;
}

export function planLazyMap(field: DescField, readEntry: EntryReader): LazyMap {
	const { localName: name, number } = field;
	const tag = (number << 3) | LENGTH_DELIMITED;
	const source = Symbol(name);
	type Holder = { [source]?: Source };
	const hold = (message: object, value: Source): void => {
		Object.defineProperty(message, source, { value, configurable: true });
	};
	const decoded = (from: Source): Fields => {
		from.map ??= readEntries(from, tag, readEntry);
		return from.map;
	};
	const accessor = {
		enumerable: true,
		configurable: true,
		get(this: Holder): Fields {
			const found = this[source];
			if (found !== undefined) return decoded(found);
			const map: Fields = {};
			hold(this, settled(map));
			return map;
		},
		set(this: object, map: Fields): void {
			hold(this, settled(map));
		},
	};
	return {
		name,
		define: (message) => Object.defineProperty(message, name, accessor),
		note: (message: Holder, reader) => {
			const { pos: start, end: limit } = reader;
			reader.skip(LENGTH_DELIMITED, 0);
			const { pos: end } = reader;
			const found = message[source];
			if (found === undefined)
				hold(message, { reader, start, end, limit, map: undefined });
			else if (found.limit === limit) found.end = end;
			else {
				// The message comes a second time, so its bytes are in two places.
				const more = { ...found, start, end, map: undefined };
				Object.assign(decoded(found), decoded(more));
				reader.seek(end, limit);
			}
		},
		only: (message: Holder, key) => {
			const found = message[source];
			return found === undefined || found.map !== undefined
				? undefined
				: readEntries(found, tag, readEntry, key);
		},
	};
}

function settled(map: Fields): Source {
	const reader = new WireReader(new Uint8Array(0));
	return { reader, start: 0, end: 0, limit: 0, map };
}

function readEntries(
	{ reader, start, end }: Source,
	tag: number,
	readEntry: EntryReader,
	wanted?: string,
): Fields {
	const map: Fields = {};
	reader.seek(start, end);
	readEntry(reader, map, wanted);
	while (reader.pos < reader.end) {
		const found = reader.varint32();
		if (found === tag) readEntry(reader, map, wanted);
		else reader.skip(found & 7, 0);
	}
	return map;
}
