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
		const store = this.#store;
		const before = store.length;
		const outer = reader.enter();
		while (reader.pos < reader.end) {
			const item = reader.varint32();
			if (item >>> 3 === 1) store.read(reader, item & 7);
			else reader.skip(item & 7, 0);
		}
		reader.leave(outer);
		return store.length - before;
	}
}

/** The `value` field of BytesList, FloatList or Int64List: one value, or where numbers are packed all of them. */
interface Store {
	readonly length: number;
	read(reader: WireReader, wireType: number): void;
	data(): TensorData;
}

class TextStore implements Store {
	readonly #texts: Uint8Array[] = [];

	get length(): number {
		return this.#texts.length;
	}

	read(reader: WireReader): void {
		this.#texts.push(reader.bytes());
	}

	data(): TensorData {
		return this.#texts;
	}
}

class FloatStore implements Store {
	length = 0;
	#floats = new Float32Array(16);

	read(reader: WireReader, wireType: number): void {
		const isPacked = wireType === LENGTH_DELIMITED;
		const outer = isPacked ? reader.enter() : reader.end;
		const count = isPacked ? Math.ceil((reader.end - reader.pos) / 4) : 1;
		this.#floats = grown(this.#floats, this.length + count);
		const floats = this.#floats;
		let at = this.length;
		for (let i = 0; i < count; i++) floats[at++] = reader.float();
		this.length = at;
		reader.leave(outer);
	}

	data(): TensorData {
		return this.#floats.subarray(0, this.length);
	}
}

/** As halves, since a bigint for each would take longer than the rest. */
class IntegerStore implements Store {
	length = 0;
	#halves = new Int32Array(32);

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
		return new BigInt64Array(this.#halves.buffer, 0, this.length);
	}

	#add(reader: WireReader): void {
		const at = 2 * this.length++;
		if (at >= this.#halves.length) this.#halves = grown(this.#halves, at + 2);
		this.#halves[at] = reader.varint32();
		this.#halves[at + 1] = reader.high32;
	}
}

const STORES: Readonly<Record<FeatureDType, () => Store>> = {
	string: () => new TextStore(),
	float32: () => new FloatStore(),
	int64: () => new IntegerStore(),
};

function grown<T extends Float32Array | Int32Array>(
	array: T,
	needed: number,
): T {
	if (needed <= array.length) return array;
	const larger = new (array.constructor as new (length: number) => T)(
		Math.max(needed, 2 * array.length),
	);
	larger.set(array);
	return larger;
}
