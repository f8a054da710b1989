import { join } from "node:path";
import { fail, MlshipError } from "../errors.js";
import { maskedCrc32c } from "../formats/crc32c.js";
import { readRange } from "../formats/file.js";
import { nearest, quoted } from "../nearest.js";
import type { Reserve } from "../tensor/constant.js";
import {
	type DType,
	dataTypeName,
	dtypeFromNumber,
	isDTypeNumber,
} from "../tensor/dtype.js";
import {
	elementCount,
	showShape,
	type Tensor,
	tensorFromBytes,
} from "../tensor/tensor.js";
import {
	type BundleIndex,
	binaryKey,
	type IndexEntry,
	readBundleIndex,
} from "./bundle-index.js";
import { parseStrings } from "./bundle-strings.js";
import {
	assemble,
	intersection,
	isSameRegion,
	type Region,
	regionShape,
	wholeRegion,
} from "./region.js";
import { regionOfSlice, sliceKey } from "./slices.js";

/** The tensors of a checkpoint in TensorFlow's bundle format (tensorflow/core/util/tensor_bundle). */
export interface Bundle {
	/** By key, in the order of the keys. */
	readonly entries: ReadonlyMap<string, BundleEntry>;
	/** The files that hold the bytes, each with the length that the index wants at least. */
	readonly shards: readonly Shard[];
	/**
	 * Reads one tensor, or a region of it, and no other bytes. Fails with NOT_FOUND for an unknown key, with CORRUPT
	 * where bytes are missing or their checksum differs, with UNSUPPORTED for variants and types that mlship lacks.
	 */
	read(key: string, region?: Region, reserve?: Reserve): Tensor;
}

export interface BundleEntry {
	readonly key: string;
	/** Undefined for a type that mlship lacks; such a tensor is listed and cannot be read. */
	readonly dtype: DType | undefined;
	/** `DT_FLOAT`. */
	readonly typeName: string;
	readonly shape: readonly number[];
	/** As stored: strings with their lengths, a partitioned tensor with all its slices. */
	readonly byteLength: number;
}

export interface Shard {
	readonly path: string;
	readonly byteLength: number;
}

/**
 * Opens the bundle of a folder by reading its index; `prefix` is what its files' names begin with.
 * Fails with NOT_FOUND without an index, with CORRUPT for a broken one.
 */
export function openBundle(folder: string, prefix = "variables"): Bundle {
	const path = join(folder, prefix);
	const index = readBundleIndex(`${path}.index`);
	const source = { path, index, shards: listShards(path, index) };
	return {
		entries: listEntries(source),
		shards: source.shards,
		read: (key, region, reserve) => readTensor(source, key, region, reserve),
	};
}

interface Source {
	readonly path: string;
	readonly index: BundleIndex;
	readonly shards: readonly Shard[];
}

function listShards(
	path: string,
	{ shardCount, entries }: BundleIndex,
): Shard[] {
	const lengths = new Float64Array(shardCount);
	for (const { slices, shard, offset, size } of entries.values())
		if (slices.length === 0)
			lengths[shard] = Math.max(lengths[shard], offset + size);
	const five = (number: number) => String(number).padStart(5, "0");
	return Array.from(lengths, (byteLength, i) => ({
		path: `${path}.data-${five(i)}-of-${five(shardCount)}`,
		byteLength,
	}));
}

function listEntries(source: Source): Map<string, BundleEntry> {
	const entries = new Map<string, BundleEntry>();
	for (const [stored, entry] of source.index.entries) {
		if (stored.startsWith("\0")) continue;
		const key = Buffer.from(stored, "latin1").toString("utf8");
		entries.set(key, {
			key,
			dtype: isDTypeNumber(entry.type)
				? dtypeFromNumber(entry.type)
				: undefined,
			typeName: dataTypeName(entry.type),
			shape: entry.shape,
			byteLength: storedPieces(source, key, entry).reduce(
				(sum, piece) => sum + piece.entry.size,
				0,
			),
		});
	}
	return entries;
}

interface StoredPiece {
	readonly region: Region;
	readonly entry: IndexEntry;
}

/** Where the bytes of a tensor are: one piece, or its slices. */
function storedPieces(
	{ path, index }: Source,
	key: string,
	entry: IndexEntry,
): StoredPiece[] {
	if (entry.slices.length === 0)
		return [{ region: wholeRegion(entry.shape), entry }];
	return entry.slices.map((slice) => {
		const region = regionOfSlice(slice, entry.shape);
		const found = index.entries.get(binaryKey(sliceKey(key, slice)));
		const matches =
			region !== undefined &&
			found?.type === entry.type &&
			found.slices.length === 0 &&
			found.shape.length === region.length &&
			found.shape.every((size, axis) => size === region[axis].length);
		if (!matches)
			throw fail(
				"CORRUPT",
				`cannot read ${path}.index: a slice of "${key}" is missing or does not fit into ${showShape(entry.shape)}`,
				{ at: { file: `${path}.index`, key } },
			);
		return { region, entry: found };
	});
}

function readTensor(
	source: Source,
	key: string,
	wanted?: Region,
	reserve?: Reserve,
): Tensor {
	const entry = source.index.entries.get(binaryKey(Buffer.from(key)));
	if (entry === undefined) throw unknownKey(source, key);
	const region = wanted ?? wholeRegion(entry.shape);
	if (region.length !== entry.shape.length)
		throw fail(
			"CORRUPT",
			`cannot read "${key}" of ${source.path}: a region of ${region.length} dimensions was wanted, it has ${entry.shape.length}`,
			{ at: { file: source.path, key } },
		);
	const pieces = storedPieces(source, key, entry).filter(
		(piece) =>
			isSameRegion(piece.region, region) ||
			intersection(piece.region, region) !== undefined,
	);
	checkCover(source, key, region, pieces);
	if (pieces.length === 1 && isSameRegion(pieces[0].region, region))
		return readPiece(source, key, pieces[0].entry, reserve);
	const read = (piece: StoredPiece) => ({
		region: piece.region,
		tensor: readPiece(source, key, piece.entry),
	});
	return assemble(dtypeFromNumber(entry.type), region, lazily(pieces, read));
}

/** One piece in memory at a time. */
function* lazily<From, To>(
	items: readonly From[],
	make: (item: From) => To,
): Generator<To> {
	for (const item of items) yield make(item);
}

/** Before memory is reserved, as a shape alone proves nothing. */
function checkCover(
	{ path }: Source,
	key: string,
	region: Region,
	pieces: readonly StoredPiece[],
): void {
	const covered = pieces.reduce((sum, piece) => {
		const shared = intersection(piece.region, region);
		return sum + (shared === undefined ? 0 : elementCount(regionShape(shared)));
	}, 0);
	const wanted = elementCount(regionShape(region));
	if (covered !== wanted)
		throw fail(
			"CORRUPT",
			`cannot read "${key}" of ${path}: ${wanted} elements were wanted, its slices have ${covered} of them`,
			{ at: { file: path, key } },
		);
}

function readPiece(
	source: Source,
	key: string,
	entry: IndexEntry,
	reserve?: Reserve,
): Tensor {
	const { path } = source.shards[entry.shard];
	const dtype = dtypeFromNumber(entry.type);
	const bytes = readRange(path, entry.offset, entry.size, reserve);
	const parse = PARSERS[dtype] ?? parseNumbers;
	try {
		const { tensor, crc } = parse(dtype, entry.shape, bytes);
		if (crc === entry.crc) return tensor;
		throw fail("CORRUPT", "its bytes differ from their checksum");
	} catch (cause) {
		if (!(cause instanceof MlshipError)) throw cause;
		throw fail(
			cause.code,
			`cannot read "${key}" of ${path}: ${cause.message}`,
			{
				at: { file: path, key, offset: entry.offset },
				cause,
			},
		);
	}
}

interface Parsed {
	readonly tensor: Tensor;
	readonly crc: number;
}

type Parser = (
	dtype: DType,
	shape: readonly number[],
	bytes: Uint8Array,
) => Parsed;

/** Types whose bytes are not just their elements one after another. */
const PARSERS: Partial<Record<DType, Parser>> = {
	string: (dtype, shape, bytes) => {
		const { values, crc } = parseStrings(bytes, elementCount(shape));
		return { tensor: { dtype, shape, data: values }, crc };
	},
	variant: refuse,
	resource: refuse,
};

function parseNumbers(
	dtype: DType,
	shape: readonly number[],
	bytes: Uint8Array,
): Parsed {
	return {
		tensor: tensorFromBytes(dtype, shape, bytes),
		crc: maskedCrc32c(bytes),
	};
}

function refuse(dtype: DType): never {
	throw fail("UNSUPPORTED", `mlship reads no ${dtype} tensors`);
}

function unknownKey(source: Source, key: string) {
	const keys = [...listEntries(source).keys()];
	return fail(
		"NOT_FOUND",
		`cannot find "${key}" in ${source.path}.index: nearest are ${quoted(nearest(key, keys))}`,
		{ at: { file: `${source.path}.index`, key } },
	);
}
