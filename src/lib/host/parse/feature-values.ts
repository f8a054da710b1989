import { fail } from "../../errors.js";
import { LENGTH_DELIMITED, type WireReader } from "../../formats/wire.js";
import type { DType } from "../../tensor/dtype.js";
import type { TensorData } from "../../tensor/tensor.js";

/** The element types that a Feature can hold (core/example/feature.proto). */
export type FeatureDType = "string" | "float32" | "int64";

/** At their field numbers in Feature. */
const KINDS: readonly (FeatureDType | undefined)[] = [
	undefined,
	"string",
	"float32",
	"int64",
];

/** A Feature without a kind, which stands for one that is missing. */
export const MISSING = -1;

/** The values of one feature, one message after the other. Has a lifetime: one step. */
export class FeatureValues {
	readonly dtype: FeatureDType;
	readonly #store: Store;

	/** Fails with UNSUPPORTED for a type that no Feature holds. */
	constructor(dtype: DType) {
		const make = STORES[dtype as FeatureDType];
		if (make === undefined)
			throw fail(
				"UNSUPPORTED",
				`cannot parse a feature of type ${dtype}: features hold string, float32 or int64`,
			);
		this.dtype = dtype as FeatureDType;
		this.#store = make();
	}

	get length(): number {
		return this.#store.length;
	}

	get data(): TensorData {
		return this.#store.data();
	}

	/** Reads the Feature that the reader stands at; returns how many values it has. */
	read(reader: WireReader): number {
		if (reader.pos >= reader.end) return MISSING;
		const tag = reader.varint32();
		const kind = KINDS[tag >>> 3];
		if (kind === undefined || (tag & 7) !== LENGTH_DELIMITED)
			throw reader.broken(`a feature has a value of unknown kind ${tag >>> 3}`);
		if (kind !== this.dtype)
			throw fail("INVALID", `it holds ${kind}, the model wants ${this.dtype}`);
		const before = this.#store.length;
		const outer = reader.enter();
		while (reader.pos < reader.end) {
			const item = reader.varint32();
			if (item >>> 3 === 1) this.#store.read(reader, item & 7);
			else reader.skip(item & 7, 0);
		}
		reader.leave(outer);
		return this.#store.length - before;
	}
}

/** The `value` field of BytesList, FloatList or Int64List. */
interface Store {
	readonly length: number;
	read(reader: WireReader, wireType: number): void;
	data(): TensorData;
}

const STORES: Readonly<Record<FeatureDType, () => Store>> = {
	string: () => {
		const texts: Uint8Array[] = [];
		return {
			get length() {
				return texts.length;
			},
			read: (reader) => texts.push(reader.bytes()),
			data: () => texts,
		};
	},
	float32: () =>
		new NumberStore(1, (reader, memory, index) => {
			memory.floats[index] = reader.float();
		}),
	int64: () =>
		new NumberStore(2, (reader, memory, index) => {
			memory.integers[2 * index] = reader.varint32();
			memory.integers[2 * index + 1] = reader.high32;
		}),
};

interface Memory {
	readonly floats: Float32Array;
	/** Low and high halves. */
	readonly integers: Int32Array;
}

type ReadNumber = (reader: WireReader, memory: Memory, index: number) => void;

/** Numbers in memory that grows, `words` of 32 bits each. */
class NumberStore implements Store {
	length = 0;
	readonly #words: number;
	readonly #read: ReadNumber;
	#memory = memoryOf(new ArrayBuffer(0));

	constructor(words: number, read: ReadNumber) {
		this.#words = words;
		this.#read = read;
	}

	/** Packed, as every writer does today, or one by one. */
	read(reader: WireReader, wireType: number): void {
		if (wireType !== LENGTH_DELIMITED) {
			this.#add(reader);
			return;
		}
		const outer = reader.enter();
		while (reader.pos < reader.end) this.#add(reader);
		reader.leave(outer);
	}

	data(): TensorData {
		const { buffer } = this.#memory.floats;
		return this.#words === 1
			? new Float32Array(buffer, 0, this.length)
			: new BigInt64Array(buffer, 0, this.length);
	}

	#add(reader: WireReader): void {
		const needed = (this.length + 1) * this.#words;
		if (needed > this.#memory.floats.length) this.#grow(needed);
		this.#read(reader, this.#memory, this.length++);
	}

	#grow(words: number): void {
		const larger = memoryOf(new ArrayBuffer(Math.max(64, words * 8)));
		larger.integers.set(this.#memory.integers);
		this.#memory = larger;
	}
}

function memoryOf(buffer: ArrayBuffer): Memory {
	return {
		floats: new Float32Array(buffer),
		integers: new Int32Array(buffer),
	};
}
