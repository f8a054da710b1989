import { fail } from "../../errors.js";
import { elementCount, showShape, type Tensor } from "../../tensor/tensor.js";
import type { Key } from "./keys.js";
import { Table, type TableType } from "./table.js";

/** Two keys stand for what is empty and what was removed in TensorFlow's buckets, and are no keys themselves. */
export class DenseTable extends Table {
	readonly #reserved: ReadonlyMap<Key, string>;

	/** Fails with INVALID where both reserved keys are the same. */
	constructor(type: TableType, emptyKey: Tensor, deletedKey?: Tensor) {
		super(type);
		const reserved = new Map<Key, string>();
		reserved.set(this.reader(emptyKey)(0), "empty");
		if (deletedKey !== undefined)
			reserved.set(this.reader(deletedKey)(0), "deleted");
		if (deletedKey !== undefined && reserved.size === 1)
			throw fail(
				"INVALID",
				"cannot make a dense table: its empty and its deleted key are the same",
			);
		this.#reserved = reserved;
	}

	override find(keys: Tensor, fallback: Tensor): Tensor {
		this.#check(keys);
		return super.find(keys, fallback);
	}

	override insert(keys: Tensor, values: Tensor): void {
		this.#check(keys);
		super.insert(keys, values);
	}

	override remove(keys: Tensor): void {
		this.#check(keys);
		super.remove(keys);
	}

	/** Takes the buckets of a checkpoint too, most of which are empty: reserved keys are left out. */
	override import(keys: Tensor, values: Tensor): void {
		this.clear();
		const { keyShape, valueShape } = this.type;
		const width = elementCount(keyShape);
		const valueWidth = elementCount(valueShape);
		const count = width === 0 ? 0 : elementCount(keys.shape) / width;
		if (elementCount(values.shape) !== count * valueWidth)
			throw fail(
				"INVALID",
				`cannot fill a table with keys of shape ${showShape(keys.shape)} and values of shape ${showShape(values.shape)}: they are not as many`,
			);
		const read = this.reader(keys);
		for (let i = 0; i < count; i++) {
			if (this.#reserved.has(read(i))) continue;
			this.put(
				part(keys, i * width, keyShape),
				part(values, i * valueWidth, valueShape),
			);
		}
	}

	#check(keys: Tensor): void {
		const read = this.reader(keys);
		const count =
			elementCount(keys.shape) / (elementCount(this.type.keyShape) || 1);
		for (let i = 0; i < count; i++) {
			const kind = this.#reserved.get(read(i));
			if (kind !== undefined)
				throw fail(
					"INVALID",
					`cannot use key ${i} of ${count}: it is the table's ${kind} key`,
				);
		}
	}
}

function part(
	{ dtype, data }: Tensor,
	start: number,
	shape: readonly number[],
): Tensor {
	return { dtype, shape, data: data.slice(start, start + elementCount(shape)) };
}
