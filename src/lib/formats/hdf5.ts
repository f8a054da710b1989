import type { ready as libraryReady, Metadata } from "h5wasm";
import { fail, type MlshipError } from "../errors.js";

/** Bytes that are read where they are asked for: a file, or a part of one. */
export interface ByteSource {
	/** What errors call it. */
	readonly name: string;
	readonly size: number;
	/** Fills as much of `target` as there is from `position`; the count of bytes read. */
	read(target: Uint8Array, position: number): number;
}

type H5Module = Awaited<typeof libraryReady>;

export type Hdf5Kind = "float" | "int" | "uint" | "bool" | "string";

/** Elements in row-major order, unread. */
export interface Hdf5Dataset {
	readonly kind: Hdf5Kind;
	readonly shape: readonly number[];
	/** Of one element; of a string 0. */
	readonly itemSize: number;
	readonly attributes: ReadonlySet<string>;
	/** Little-endian bytes of all elements; fails with CORRUPT. */
	readBytes(): Uint8Array;
	readStrings(): string[];
}

/** An open file. Paths are like `layers/dense/vars/0`. */
export interface Hdf5File {
	/** Names in a group; undefined where there is no such group. */
	children(group: string): readonly string[] | undefined;
	dataset(path: string): Hdf5Dataset | undefined;
	/** Text or a list of texts; undefined where there is no such attribute. */
	texts(path: string, attribute: string): readonly string[] | undefined;
	close(): void;
}

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** Whether these are the first bytes of an HDF5 file (format specification, II.A). */
export function isHdf5(bytes: Uint8Array): boolean {
	return SIGNATURE.every((byte, i) => bytes[i] === byte);
}

/**
 * Opens an HDF5 file by the HDF5 library itself, compiled to WebAssembly: it sees these bytes and no other file, whatever
 * links they hold. Fails with CORRUPT.
 */
export async function openHdf5(source: ByteSource): Promise<Hdf5File> {
	const { ready, File, Dataset, Group } = await import("h5wasm");
	const module = await ready;
	module.activate_throwing_error_handler();
	const path = mount(module, source);
	const file = attempt(source, "open it", () => new File(path, "r"));
	const listed: Listed = new Map();
	const find = (place: string) =>
		attempt(source, `find ${place}`, () => {
			if (!exists(file, place, listed)) return undefined;
			const entity = file.get(place);
			return entity instanceof Dataset || entity instanceof Group
				? entity
				: undefined;
		});
	return {
		children: (place) => {
			const found = find(place);
			return found instanceof Group
				? attempt(source, `list ${place}`, () => found.keys())
				: undefined;
		},
		dataset: (place) => {
			const found = find(place);
			return found instanceof Dataset
				? attempt(source, `open ${place}`, () =>
						describe(module, source, file.file_id, found),
					)
				: undefined;
		},
		texts: (place, name) => {
			const found = find(place);
			return found === undefined
				? undefined
				: attempt(source, `read "${name}" of ${place}`, () => {
						const attribute = Object.hasOwn(found.attrs, name)
							? found.attrs[name]
							: undefined;
						if (attribute === undefined) return undefined;
						const { total_size, size } = attribute.metadata;
						if (total_size * size > MAX_ATTRIBUTE_BYTES)
							throw broken(source, `its attribute "${name}" is too large`);
						return textsOf(attribute.value);
					});
		},
		close: () => {
			file.close();
			module.FS.unlink(path);
		},
	};
}

/** No list of layers is longer; an HDF5 file can claim any size. */
const MAX_ATTRIBUTE_BYTES = 2 ** 28;

/** Deflate makes of one byte no more than so many (RFC 1951). */
const MOST_GROWTH = 1032;

/** What goes through the library's memory at once. */
const CHUNK_BYTES = 2 ** 23;

interface Opened {
	keys(): string[];
	get(path: string): unknown;
}

interface FileMaker {
	createFile(
		parent: string,
		name: string,
		properties: object,
		canRead: boolean,
		canWrite: boolean,
	): { stream_ops: Readonly<Record<string, unknown>> };
}

let mounted = 0;

/** Makes the source a file of the library's own file system, which holds nothing else. */
function mount({ FS }: H5Module, source: ByteSource): string {
	const name = `source-${mounted++}`;
	// its types leave this one out
	const { createFile } = FS as unknown as FileMaker;
	const node = createFile("/", name, {}, true, false);
	Object.defineProperty(node, "usedBytes", { get: () => source.size });
	node.stream_ops = {
		...node.stream_ops,
		read: (
			_stream: unknown,
			buffer: Uint8Array,
			offset: number,
			length: number,
			position: number,
		) => {
			const wanted = Math.min(length, Math.max(0, source.size - position));
			const target = new Uint8Array(
				buffer.buffer,
				buffer.byteOffset + offset,
				wanted,
			);
			return wanted === 0 ? 0 : source.read(target, position);
		},
	};
	return `/${name}`;
}

/** Walks by the names that groups list, as asking for what is not there is an error of the library. */
function exists(file: Opened, place: string, listed: Listed): boolean {
	let path = "";
	for (const part of place.split("/").filter((name) => name !== "")) {
		const names = listed.get(path) ?? namesOf(file, path);
		listed.set(path, names);
		if (!names.has(part)) return false;
		path += `/${part}`;
	}
	return true;
}

/** What is in each group that was looked at. */
type Listed = Map<string, ReadonlySet<string>>;

function namesOf(file: Opened, path: string): ReadonlySet<string> {
	const group = path === "" ? file : (file.get(path) as Partial<Opened> | null);
	return new Set(group?.keys?.() ?? []);
}

interface FoundDataset {
	readonly path: string;
	readonly metadata: Metadata;
	readonly attrs: Readonly<Record<string, unknown>>;
	readonly value: unknown;
}

function describe(
	module: H5Module,
	source: ByteSource,
	file: bigint,
	found: FoundDataset,
): Hdf5Dataset {
	const { metadata, path } = found;
	const kind = kindOf(module, metadata);
	const { size, littleEndian, chunks } = metadata;
	if (kind === undefined || (!littleEndian && size > 1))
		throw broken(source, `${path} holds elements of a type that weights lack`);
	const shape = metadata.shape ?? [];
	const itemSize = kind === "string" ? 0 : size;
	const count = shape.reduce((product, length) => product * length, 1);
	const most = source.size * (chunks === null ? 1 : MOST_GROWTH);
	if (count * size > most)
		throw broken(
			source,
			`${path} claims ${count} elements, ${source.size} bytes are there`,
		);
	return {
		kind,
		shape,
		itemSize,
		attributes: new Set(Object.keys(found.attrs)),
		readBytes: () =>
			attempt(source, `read ${path}`, () =>
				readElements(module, file, path, { shape, itemSize }),
			),
		readStrings: () =>
			attempt(source, `read ${path}`, () => [...(textsOf(found.value) ?? [])]),
	};
}

function kindOf(module: H5Module, metadata: Metadata): Hdf5Kind | undefined {
	const { type, signed, size } = metadata;
	const classes = module.H5T_class_t;
	if (type === classes.H5T_FLOAT.value) return "float";
	if (type === classes.H5T_STRING.value) return "string";
	// numpy's bool
	if (type === classes.H5T_ENUM.value && size === 1) return "bool";
	if (type !== classes.H5T_INTEGER.value) return undefined;
	return signed ? "int" : "uint";
}

/** Rows by rows, so that a large weight is in the library's memory in part only. */
function readElements(
	module: H5Module,
	file: bigint,
	path: string,
	{ shape, itemSize }: { shape: readonly number[]; itemSize: number },
): Uint8Array {
	const count = shape.reduce((product, length) => product * length, 1);
	const bytes = new Uint8Array(count * itemSize);
	if (count === 0) return bytes;
	const [rows = 1] = shape;
	const rowBytes = bytes.length / rows;
	const atOnce = Math.max(1, Math.floor(CHUNK_BYTES / rowBytes));
	const memory = module._malloc(Math.min(rows, atOnce) * rowBytes);
	try {
		for (let row = 0; row < rows; row += atOnce) {
			const taken = Math.min(atOnce, rows - row);
			const whole = shape.length === 0;
			const rest = shape.slice(1);
			module.get_dataset_data(
				file,
				path,
				whole ? null : [taken, ...rest].map(BigInt),
				whole ? null : [row, ...rest.map(() => 0)].map(BigInt),
				whole ? null : shape.map(() => 1n),
				BigInt(memory),
			);
			const read = module.HEAPU8.subarray(memory, memory + taken * rowBytes);
			bytes.set(read, row * rowBytes);
		}
	} finally {
		module._free(memory);
	}
	return bytes;
}

/** A text, texts, or none: an empty list has the type of numpy's empty array. */
function textsOf(value: unknown): readonly string[] | undefined {
	if (typeof value === "string") return [value];
	if (ArrayBuffer.isView(value))
		return (value as Uint8Array).length === 0 ? [] : undefined;
	return Array.isArray(value) && value.every((item) => typeof item === "string")
		? value
		: undefined;
}

function attempt<T>(source: ByteSource, action: string, work: () => T): T {
	try {
		return work();
	} catch (cause) {
		throw broken(source, `cannot ${action}: ${reasonOf(cause)}`, cause);
	}
}

/** The library's innermost complaint: `truncated file: eof = 700, …`. */
function reasonOf(cause: unknown): string {
	const text = cause instanceof Error ? cause.message : String(cause);
	const lines = text.split("\n").filter((line) => /\(\): /.test(line));
	return (lines.at(-1) ?? text.split("\n")[0]).replace(/^.*\(\): /, "").trim();
}

function broken(
	source: ByteSource,
	reason: string,
	cause?: unknown,
): MlshipError {
	return fail("CORRUPT", `cannot read ${source.name} as HDF5: ${reason}`, {
		at: { file: source.name },
		...(cause === undefined ? {} : { cause }),
	});
}
