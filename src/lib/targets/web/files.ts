import type { Constant } from "../../tensor/constant.js";
import { elementCount } from "../../tensor/tensor.js";
import type { WebModel } from "./lower.js";
import { toWebStorage, type WebDType, type WebWeight } from "./storage.js";
import type { Topology, WebSignature } from "./topology.js";

/** What stands in a model.json (tfjs-core/src/io/types.ts, ModelJSON). */
export interface ModelJson {
	readonly format: "graph-model";
	readonly generatedBy: string;
	readonly convertedBy: string;
	readonly signature: WebSignature;
	readonly modelTopology: Topology;
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
}

/** Files of weights by name, each in parts that are made while it is written; they have to be taken in order. */
export interface WebFiles {
	readonly json: ModelJson;
	readonly shards: Iterable<WebShard>;
}

export interface WebShard {
	readonly name: string;
	readonly parts: Iterable<Uint8Array>;
}

/** As tensorflowjs_converter has it (write_weights.py): small enough for browsers to keep. */
export const SHARD_BYTES = 4 * 2 ** 20;

/** A graph model as its files, the weights cut into shards of so many bytes. */
export function webFiles(
	{ topology, signature, weights }: WebModel,
	shardBytes = SHARD_BYTES,
): WebFiles {
	const total = weights.reduce((sum, weight) => sum + bytesIn(weight), 0);
	const count = Math.ceil(total / shardBytes);
	const paths = Array.from(
		{ length: count },
		(_, i) => `group1-shard${i + 1}of${count}.bin`,
	);
	return {
		json: {
			format: "graph-model",
			generatedBy: "mlship",
			convertedBy: "mlship",
			signature,
			modelTopology: topology,
			weightsManifest: [{ paths, weights: weights.map(entryOf) }],
		},
		shards: cut(weights, paths, shardBytes),
	};
}

/** The names that a model's shards may have. */
export const SHARD_NAMES = /^group\d+-shard\d+of\d+\.bin$/;

function entryOf({ name, dtype, constant }: WebWeight): WeightEntry {
	return { name, shape: constant.shape, dtype };
}

const ELEMENT_BYTES: Readonly<Record<WebDType, number>> = {
	float32: 4,
	int32: 4,
	bool: 1,
	complex64: 8,
};

function bytesIn({ dtype, constant }: WebWeight): number {
	return elementCount(constant.shape) * ELEMENT_BYTES[dtype];
}

function bytesOf(constant: Constant): Uint8Array {
	const { buffer, byteOffset, byteLength } = toWebStorage(constant.read());
	return new Uint8Array(buffer, byteOffset, byteLength);
}

/** One weight is in memory at a time; what a shard leaves of it the next one takes. */
function* cut(
	weights: readonly WebWeight[],
	paths: readonly string[],
	shardBytes: number,
): Iterable<WebShard> {
	const rest = weights.values();
	let current: Uint8Array = new Uint8Array(0);
	function* parts(): Iterable<Uint8Array> {
		for (let wanted = shardBytes; wanted > 0; ) {
			if (current.byteLength === 0) {
				const next = rest.next();
				if (next.done) return;
				current = bytesOf(next.value.constant);
				continue;
			}
			const part = current.subarray(0, wanted);
			current = current.subarray(part.byteLength);
			wanted -= part.byteLength;
			yield part;
		}
	}
	for (const name of paths) yield { name, parts: parts() };
}
