import { dirname, resolve, sep } from "node:path";
import { fail, type MlshipError } from "../errors.js";
import { readRange, statPath } from "../formats/file.js";
import { isList, isObject, type Json, type JsonObject } from "../keras/json.js";
import type { Constant } from "../tensor/constant.js";
import { convertTensor } from "../tensor/convert.js";
import { DTYPES, type DType, isDType } from "../tensor/dtype.js";
import {
	elementCount,
	type Tensor,
	tensorFromBytes,
} from "../tensor/tensor.js";

/** A weight that a manifest of TensorFlow.js lists, read from its shards when it is needed. */
export interface ManifestWeight {
	readonly name: string;
	readonly constant: Constant;
}

/**
 * Reads a `weightsManifest`: groups of weights, whose bytes lie one after the other in the shards of the group beside `path`
 * (tfjs-core io/types.ts, WeightsManifestConfig). Fails with CORRUPT where it contradicts its files, with NOT_FOUND for a shard
 * that is not there.
 */
export function readManifest(
	path: string,
	json: Json | undefined,
): readonly ManifestWeight[] {
	if (!isList(json)) throw broken(path, "it has no weightsManifest");
	return json.flatMap((group) => {
		if (!isObject(group) || !isList(group.paths) || !isList(group.weights))
			throw broken(path, "a group of weights has no paths");
		const shards = group.paths.map((name) => shardOf(path, name));
		let offset = 0;
		return group.weights.map((entry): ManifestWeight => {
			const weight = readEntry(path, entry, { shards, offset });
			offset += weight.stored;
			return weight;
		});
	});
}

interface Shard {
	readonly file: string;
	readonly size: number;
}

/** Where a weight begins. */
interface Position {
	readonly shards: readonly Shard[];
	readonly offset: number;
}

/** Beside the file or below it, and nowhere else. */
function shardOf(path: string, name: Json): Shard {
	const folder = dirname(resolve(path));
	const file = typeof name === "string" ? resolve(folder, name) : folder;
	if (!file.startsWith(folder === sep ? sep : folder + sep))
		throw broken(path, `${JSON.stringify(name)} is no file beside it`);
	const size = statPath(file)?.size;
	if (size === undefined)
		throw fail("NOT_FOUND", `cannot open ${file}: no such file`, {
			at: { file },
			hint: `${path} names it as a shard of its weights: copy it beside`,
		});
	return { file, size };
}

function readEntry(
	path: string,
	entry: Json,
	from: Position,
): ManifestWeight & { readonly stored: number } {
	if (
		!isObject(entry) ||
		typeof entry.name !== "string" ||
		!isList(entry.shape)
	)
		throw broken(path, "a weight has no name or shape");
	const { name } = entry;
	const shape = entry.shape.map(Number);
	if (shape.some((size) => !Number.isSafeInteger(size) || size < 0))
		throw broken(path, `weight "${name}" has shape ${JSON.stringify(shape)}`);
	const dtype = typeOf(path, name, entry.dtype);
	const available = from.shards.reduce((sum, { size }) => sum + size, 0);
	const behind = () =>
		broken(path, `weight "${name}" is behind the end of its files`);
	if (dtype === "string") {
		if (from.offset > available) throw behind();
		const bytes = readAcross(from, available - from.offset);
		const { texts, length } = readTexts(bytes, elementCount(shape), behind);
		const text: Tensor = { dtype, shape, data: texts };
		const constant = { dtype, shape, byteLength: length, read: () => text };
		return { name, stored: length, constant };
	}
	const quantization = isObject(entry.quantization)
		? entry.quantization
		: undefined;
	const type =
		quantization === undefined ? dtype : typeOf(path, name, quantization.dtype);
	const stored = elementCount(shape) * DTYPES[type].bytes;
	if (from.offset + stored > available) throw behind();
	const raw = () => tensorFromBytes(type, shape, readAcross(from, stored));
	return {
		name,
		stored,
		constant: {
			dtype,
			shape,
			byteLength: elementCount(shape) * DTYPES[dtype].bytes,
			read: () =>
				quantization === undefined
					? raw()
					: dequantized(dtype, quantization, raw()),
		},
	};
}

function typeOf(path: string, name: string, dtype: Json | undefined): DType {
	if (typeof dtype !== "string" || !isDType(dtype) || !STORED.has(dtype))
		throw broken(path, `weight "${name}" is of type ${JSON.stringify(dtype)}`);
	return dtype;
}

/** Types of weights and of what stands for them (tfjs-core io/types.ts, DTYPE_VALUE_SIZE_MAP), and those that Python writes besides. */
const STORED: ReadonlySet<DType> = new Set([
	"float16",
	"float32",
	"float64",
	"int8",
	"uint8",
	"int16",
	"uint16",
	"int32",
	"int64",
	"bool",
	"complex64",
	"string",
]);

/** `q * scale + min`, whole numbers rounded; float16 stands for itself (tfjs-core io_utils.ts, decodeWeight). */
function dequantized(
	dtype: DType,
	quantization: JsonObject,
	raw: Tensor,
): Tensor {
	if (raw.dtype === "float16") return convertTensor(raw, dtype);
	const scale = Number(quantization.scale);
	const min = Number(quantization.min);
	const isWhole = dtype !== "float32";
	const data = Float64Array.from(raw.data as ArrayLike<number>, (value) =>
		isWhole ? Math.round(value * scale + min) : value * scale + min,
	);
	return convertTensor({ dtype: "float64", shape: raw.shape, data }, dtype);
}

/** Each text behind its length, as a 32-bit number (tfjs-converter write_weights.py). */
function readTexts(
	bytes: Uint8Array,
	count: number,
	behind: () => MlshipError,
): { readonly texts: readonly Uint8Array[]; readonly length: number } {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const texts: Uint8Array[] = [];
	let at = 0;
	for (let i = 0; i < count; i++) {
		if (at + 4 > bytes.length) throw behind();
		const end = at + 4 + view.getUint32(at, true);
		if (end > bytes.length) throw behind();
		texts.push(bytes.slice(at + 4, end));
		at = end;
	}
	return { texts, length: at };
}

function readAcross({ shards, offset }: Position, length: number): Uint8Array {
	const bytes = new Uint8Array(length);
	let start = 0;
	for (const { file, size } of shards) {
		const from = Math.max(offset, start);
		const to = Math.min(offset + length, start + size);
		if (from < to)
			bytes.set(readRange(file, from - start, to - from), from - offset);
		start += size;
	}
	return bytes;
}

function broken(path: string, reason: string): MlshipError {
	return fail("CORRUPT", `cannot read the weights of ${path}: ${reason}`, {
		at: { file: path },
	});
}
