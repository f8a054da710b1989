import { elementCount } from "../../tensor/tensor.js";
import type { WebModel } from "./lower.js";
import {
	QUANTIZED_PARTS,
	type Quantization,
	type QuantizedType,
	quantizeWeight,
} from "./quantize.js";
import { toWebStorage, type WebDType, type WebWeight } from "./storage.js";
import type { Topology, WebSignature } from "./topology.js";

/** What stands in a model.json (tfjs-core/src/io/types.ts, ModelJSON). */
export interface ModelJson {
	readonly format: "graph-model";
	readonly generatedBy: string;
	readonly convertedBy: string;
	readonly signature: WebSignature;
	readonly modelTopology: Topology;
	readonly modelInitializer?: WebModel["initializer"];
	readonly weightsManifest: readonly WeightsGroup[];
}

export interface WeightsGroup {
	/** Files whose bytes follow one another. */
	readonly paths: readonly string[];
	readonly weights: readonly WeightEntry[];
}

export interface WeightEntry {
	readonly name: string;
	readonly shape: readonly number[];
	readonly dtype: WebDType;
	readonly quantization?: Quantization;
}

/** Files of weights by name, each in parts that are made while it is written; they have to be taken in order. */
export interface WebFiles {
	/** What says how they are to be read; to be called when they are written. */
	json(): ModelJson;
	readonly shards: Iterable<WebShard>;
}

export interface WebShard {
	readonly name: string;
	readonly parts: Iterable<Uint8Array>;
}

/** As tensorflowjs_converter has it (write_weights.py): small enough for browsers to keep. */
export const SHARD_BYTES = 4 * 2 ** 20;

export interface FilesOptions {
	readonly shardBytes?: number | undefined;
	/** What weights are stored as, by their names. */
	readonly quantized?: ReadonlyMap<string, QuantizedType>;
}

/** A graph model as its files, the weights cut into shards of so many bytes. */
export function webFiles(
	{ topology, initializer, signature, weights }: WebModel,
	{ shardBytes = SHARD_BYTES, quantized = new Map() }: FilesOptions = {},
): WebFiles {
	const types = weights.map(({ name }) => quantized.get(name));
	const total = weights.reduce(
		(sum, weight, i) => sum + bytesIn(weight, types[i]),
		0,
	);
	const count = Math.ceil(total / shardBytes);
	const paths = Array.from(
		{ length: count },
		(_, i) => `group1-shard${i + 1}of${count}.bin`,
	);
	const entries: WeightEntry[] = [];
	function* encoded(): Iterable<Uint8Array> {
		for (const [i, weight] of weights.entries()) {
			const { entry, bytes } = encode(weight, types[i]);
			entries.push(entry);
			yield bytes;
		}
	}
	return {
		json: () => ({
			format: "graph-model",
			generatedBy: "mlship",
			convertedBy: "mlship",
			signature,
			modelTopology: topology,
			...(initializer && { modelInitializer: initializer }),
			weightsManifest: [{ paths, weights: entries }],
		}),
		shards: cut(encoded(), paths, shardBytes),
	};
}

/** The names that a model's shards may have. */
export const SHARD_NAMES = /^group\d+-shard\d+of\d+\.bin$/;

const ELEMENT_BYTES: Readonly<Record<WebDType, number>> = {
	float32: 4,
	int32: 4,
	bool: 1,
	complex64: 8,
	string: 0,
};

function bytesIn(
	{ dtype, constant }: WebWeight,
	type: QuantizedType | undefined,
): number {
	if (dtype === "string") return toWebStorage(constant.read()).byteLength;
	const part = type === undefined ? 1 : QUANTIZED_PARTS[type];
	return elementCount(constant.shape) * ELEMENT_BYTES[dtype] * part;
}

interface EncodedWeight {
	readonly entry: WeightEntry;
	readonly bytes: Uint8Array;
}

function encode(
	{ name, dtype, constant }: WebWeight,
	type: QuantizedType | undefined,
): EncodedWeight {
	const entry = { name, shape: constant.shape, dtype };
	const values = toWebStorage(constant.read());
	if (type !== undefined && values instanceof Float32Array) {
		const { bytes, quantization } = quantizeWeight(name, values, type);
		return { entry: { ...entry, quantization }, bytes };
	}
	const { buffer, byteOffset, byteLength } = values;
	return { entry, bytes: new Uint8Array(buffer, byteOffset, byteLength) };
}

/** One weight is in memory at a time; what a shard leaves of it the next one takes. */
function* cut(
	weights: Iterable<Uint8Array>,
	paths: readonly string[],
	shardBytes: number,
): Iterable<WebShard> {
	const rest = weights[Symbol.iterator]();
	let current: Uint8Array = new Uint8Array(0);
	function* parts(): Iterable<Uint8Array> {
		for (let wanted = shardBytes; wanted > 0; ) {
			if (current.byteLength === 0) {
				const next = rest.next();
				if (next.done) return;
				current = next.value;
				continue;
			}
			const part = current.subarray(0, wanted);
			current = current.subarray(part.byteLength);
			wanted -= part.byteLength;
			yield part;
		}
	}
	for (const name of paths) yield { name, parts: parts() };
	// weights without elements, which no shard asked for
	for (let next = rest.next(); !next.done; next = rest.next());
}
