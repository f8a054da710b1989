import { dirname, join, resolve, sep } from "node:path";
import { fail, type MlshipError } from "../../errors.js";
import { readRange, readWhole, statPath } from "../../formats/file.js";
import type { Constant } from "../../tensor/constant.js";
import { DTYPES, type DType, isDType } from "../../tensor/dtype.js";
import {
	elementCount,
	showShape,
	tensorFromBytes,
} from "../../tensor/tensor.js";
import {
	isList,
	isObject,
	type Json,
	type JsonObject,
	MAX_CONFIG_BYTES,
	parseConfig,
} from "../json.js";
import { type Layer, parseModel } from "../model.js";
import { legacyOrder, namedLayers, type Slot, slotsOf } from "../slots.js";
import { misfit, rejectTexts, type WeightSource } from "../weights.js";
import { generationOf, type KerasFile } from "./file.js";

/** Opens a layers model of TensorFlow.js: `model.json`, and shards of weights beside it (tfjs-layers models.ts). */
export function openLayersModel(path: string): KerasFile {
	const text = Buffer.from(readWhole(path, MAX_CONFIG_BYTES)).toString();
	const json = parseConfig(text, path);
	const topology = isObject(json.modelTopology) ? json.modelTopology : json;
	if (topology.node !== undefined)
		throw fail(
			"INVALID",
			`cannot export ${path}: it is a graph model of TensorFlow.js, a layers model was wanted`,
			{ at: { file: path } },
		);
	const config = isObject(topology.model_config)
		? topology.model_config
		: topology;
	if (typeof config.class_name !== "string")
		throw fail(
			"INVALID",
			`cannot export ${path}: it is no .keras file, no HDF5 file and no model.json of TensorFlow.js`,
			{ at: { file: path } },
		);
	const kerasVersion =
		typeof topology.keras_version === "string"
			? topology.keras_version.replace(/^tfjs-layers\s*/, "2.")
			: "2";
	const generation = generationOf(kerasVersion);
	return {
		form: "tfjs-layers",
		kerasVersion,
		generation,
		model: parseModel(config, generation),
		weights: weightsByName(readManifest(path, json.weightsManifest)),
		close: () => undefined,
	};
}

interface NamedWeight {
	/** `dense_Dense1/kernel` in its parts. */
	readonly parts: readonly string[];
	readonly constant: Constant;
}

/** Each layer has the weights with its name on their way, in their order. */
function weightsByName(weights: readonly NamedWeight[]): WeightSource {
	const find = (
		layer: Layer,
		_path: string,
		slots: readonly Slot[],
	): readonly Constant[] => {
		if (layer.model !== undefined)
			return namedLayers(layer.model).flatMap((inner) =>
				find(inner.layer, inner.path, slotsOf(inner.layer)),
			);
		rejectTexts(slots);
		const wanted = legacyOrder(slots);
		const found = weights.filter(({ parts }) =>
			parts.slice(0, -1).includes(layer.name),
		);
		if (found.length !== wanted.length)
			throw misfit(
				layer,
				`${wanted.length} weights (${wanted.map(({ name }) => name).join(", ")})`,
				found.map(
					({ parts, constant }) =>
						`${parts.join("/")} ${showShape(constant.shape)}`,
				),
			);
		return slots.map((slot) => found[wanted.indexOf(slot)].constant);
	};
	return { find };
}

function readManifest(path: string, json: Json | undefined): NamedWeight[] {
	if (!isList(json)) throw broken(path, "it has no weightsManifest");
	return json.flatMap((group) => {
		if (!isObject(group) || !isList(group.paths) || !isList(group.weights))
			throw broken(path, "a group of weights has no paths");
		const shards = group.paths.map((name) => shardOf(path, name));
		let offset = 0;
		return group.weights.map((entry): NamedWeight => {
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

/** Beside the file or below it, and nowhere else. */
function shardOf(path: string, name: Json): Shard {
	const folder = dirname(resolve(path));
	const file = typeof name === "string" ? resolve(folder, name) : folder;
	if (!file.startsWith(folder + sep))
		throw broken(path, `${JSON.stringify(name)} is no file beside it`);
	const size = statPath(file)?.size;
	if (size === undefined)
		throw fail("NOT_FOUND", `cannot open ${join(file)}: no such file`, {
			at: { file },
		});
	return { file, size };
}

function readEntry(
	path: string,
	entry: Json,
	from: { readonly shards: readonly Shard[]; readonly offset: number },
): NamedWeight & { readonly stored: number } {
	if (
		!isObject(entry) ||
		typeof entry.name !== "string" ||
		!isList(entry.shape)
	)
		throw broken(path, "a weight has no name or shape");
	const { name, dtype } = entry;
	const shape = entry.shape.map(Number);
	const count = elementCount(shape);
	const quantization = isObject(entry.quantization)
		? entry.quantization
		: undefined;
	const type = quantization?.dtype ?? dtype;
	if (
		typeof type !== "string" ||
		!isDType(type) ||
		DTYPES[type].bytes === 0 ||
		typeof dtype !== "string" ||
		!isDType(dtype)
	)
		throw broken(path, `weight "${name}" is of type ${JSON.stringify(type)}`);
	const stored = count * DTYPES[type].bytes;
	const all = from.shards.reduce((sum, { size }) => sum + size, 0);
	if (from.offset + stored > all)
		throw broken(path, `weight "${name}" is behind the end of its files`);
	const raw = () =>
		tensorFromBytes(type, shape, readAcross(from.shards, from.offset, stored));
	return {
		parts: name.replace(/:0$/, "").split("/"),
		stored,
		constant:
			quantization === undefined || type === "float16"
				? { dtype: type, shape, byteLength: stored, read: raw }
				: dequantized(dtype, shape, { quantization, raw }),
	};
}

/** `q * scale + min` (tfjs-converter quantization.py). */
function dequantized(
	dtype: DType,
	shape: readonly number[],
	{
		quantization,
		raw,
	}: {
		readonly quantization: JsonObject;
		readonly raw: () => { readonly data: unknown };
	},
): Constant {
	const scale = Number(quantization.scale);
	const min = Number(quantization.min);
	return {
		dtype: "float32",
		shape,
		byteLength: elementCount(shape) * DTYPES[dtype].bytes,
		read: () => ({
			dtype: "float32",
			shape,
			data: Float32Array.from(
				raw().data as ArrayLike<number>,
				(value) => value * scale + min,
			),
		}),
	};
}

function readAcross(
	shards: readonly Shard[],
	offset: number,
	length: number,
): Uint8Array {
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
