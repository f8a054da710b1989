import {
	type BundleEntryProto,
	BundleEntryProtoSchema,
	type BundleHeaderProto,
	BundleHeaderProto_Endianness,
	BundleHeaderProtoSchema,
	type TensorSliceProto,
} from "../../gen/checkpoint_pb.js";
import { fail, MlshipError } from "../errors.js";
import { readWhole } from "../formats/file.js";
import { decodeMessage } from "../formats/protobuf.js";
import { readTable } from "../formats/sstable.js";
import { DTYPES, dtypeFromNumber, isDTypeNumber } from "../tensor/dtype.js";
import { elementCount, MAX_RANK } from "../tensor/tensor.js";

/** The index file of a bundle: where each tensor's bytes are. */
export interface BundleIndex {
	readonly shardCount: number;
	/** By the key's bytes, one character each; the slices of partitioned tensors have keys that begin with a zero. */
	readonly entries: ReadonlyMap<string, IndexEntry>;
}

export interface IndexEntry {
	/** A number of `DataType`. */
	readonly type: number;
	readonly shape: readonly number[];
	readonly shard: number;
	readonly offset: number;
	readonly size: number;
	/** Masked CRC-32C of the bytes. */
	readonly crc: number;
	/** Where the tensor is stored in pieces, each under a key of its own; else empty. */
	readonly slices: readonly TensorSliceProto[];
}

/** Reads `variables.index`. Fails with CORRUPT, or with UNSUPPORTED for bundles of big-endian machines. */
export function readBundleIndex(path: string): BundleIndex {
	const [header, ...rest] = readTable(readWhole(path, MAX_BYTES), path);
	if (header === undefined || header.key.length > 0)
		throw fail("CORRUPT", `cannot read ${path}: it has no bundle header`, {
			at: { file: path },
		});
	const shardCount = checkHeader(
		path,
		decodeIn(path, () => decodeMessage(BundleHeaderProtoSchema, header.value)),
	);
	const entries = new Map<string, IndexEntry>();
	for (const { key, value } of rest) {
		const name = binaryKey(key);
		const entry = decodeIn(path, () =>
			checkEntry(decodeMessage(BundleEntryProtoSchema, value), shardCount),
		);
		entries.set(name, entry);
	}
	return { shardCount, entries };
}

/** Keys are bytes, UTF-8 for names; a string of one character a byte can be a Map's key. */
export function binaryKey(key: Uint8Array): string {
	return Buffer.from(key.buffer, key.byteOffset, key.length).toString("latin1");
}

/** An index holds some hundred bytes a tensor; this is a million of them. */
const MAX_BYTES = 2 ** 28;

/** Largest number of shards that fits into a file's name. */
const MAX_SHARDS = 99_999;

/** tensor_bundle.h, kTensorBundleVersion. */
const KNOWN_VERSION = 1;

function checkHeader(
	path: string,
	{ numShards, endianness, version }: BundleHeaderProto,
): number {
	if (endianness !== BundleHeaderProto_Endianness.LITTLE)
		throw fail(
			"UNSUPPORTED",
			`cannot read ${path}: it was written on a big-endian machine`,
			{ at: { file: path } },
		);
	if ((version?.minConsumer ?? 0) > KNOWN_VERSION)
		throw fail(
			"UNSUPPORTED",
			`cannot read ${path}: it needs a reader of version ${version?.minConsumer}, mlship knows ${KNOWN_VERSION}`,
			{ at: { file: path } },
		);
	if (numShards < 1 || numShards > MAX_SHARDS)
		throw fail(
			"CORRUPT",
			`cannot read ${path}: it counts ${numShards} shards`,
			{
				at: { file: path },
			},
		);
	return numShards;
}

function checkEntry(
	{ dtype, shape, shardId, offset, size, crc32c, slices }: BundleEntryProto,
	shardCount: number,
): IndexEntry {
	const dims = (shape?.dim ?? []).map((dim) => Number(dim.size));
	if (dims.length > MAX_RANK || dims.some((dim) => dim < 0))
		throw fail("CORRUPT", `a tensor has the shape [${dims.slice(0, 10)}]`);
	const count = elementCount(dims);
	if (shardId < 0 || shardId >= shardCount)
		throw fail("CORRUPT", `a tensor is in shard ${shardId} of ${shardCount}`);
	if (offset < 0n || size < 0n || offset + size > Number.MAX_SAFE_INTEGER)
		throw fail("CORRUPT", `a tensor has ${size} bytes at ${offset}`);
	const wanted = isDTypeNumber(dtype)
		? count * DTYPES[dtypeFromNumber(dtype)].bytes
		: 0;
	if (wanted > 0 && slices.length === 0 && Number(size) !== wanted)
		throw fail(
			"CORRUPT",
			`a tensor of ${count} elements has ${size} bytes, they take ${wanted}`,
		);
	return {
		type: dtype,
		shape: dims,
		shard: shardId,
		offset: Number(offset),
		size: Number(size),
		crc: crc32c,
		slices,
	};
}

/** Whatever breaks an entry breaks the file. */
function decodeIn<T>(path: string, decode: () => T): T {
	try {
		return decode();
	} catch (cause) {
		if (!(cause instanceof MlshipError)) throw cause;
		throw fail("CORRUPT", `cannot read ${path}: ${cause.message}`, {
			at: { file: path },
			cause,
		});
	}
}
