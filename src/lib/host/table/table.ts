import { fail } from "../../errors.js";
import type { DType } from "../../tensor/dtype.js";
import {
	allocate,
	elementCount,
	showShape,
	type Tensor,
} from "../../tensor/tensor.js";
import { Column } from "./column.js";
import { type Key, type KeyCodec, keyCodec } from "./keys.js";

export interface TableType {
	readonly keyDtype: DType;
	readonly valueDtype: DType;
	/** `[]` but for dense tables. */
	readonly keyShape: readonly number[];
	readonly valueShape: readonly number[];
}

/**
 * A table from keys to values, as TensorFlow's kernels of lookup tables have them (core/kernels/lookup_table_op.h). Has a
 * lifetime: the session's, or the run's for an anonymous one.
 */
export class Table {
	readonly type: TableType;
	/** Whether each key may have a default of its own. */
	protected readonly hasDefaultByKey: boolean = true;
	readonly #codec: KeyCodec;
	readonly #width: number;
	#rows = new Map<Key, number>();
	#values: Column;
	/** Rows whose key was removed. */
	#free: number[] = [];

	constructor(type: TableType) {
		this.type = type;
		this.#width = elementCount(type.valueShape);
		this.#codec = keyCodec(type.keyDtype, elementCount(type.keyShape));
		this.#values = new Column(type.valueDtype, this.#width);
	}

	get size(): number {
		return this.#rows.size;
	}

	/** The values of the keys; where there is none the default: one for all, or one a key. */
	find(keys: Tensor, fallback: Tensor): Tensor {
		const { valueDtype, valueShape } = this.type;
		const shape = this.#checkKeys(keys).concat(valueShape);
		if (fallback.dtype !== valueDtype) throw this.#mismatch(fallback, "value");
		const step = this.#fallbackStep(fallback, shape);
		const read = this.reader(keys);
		const count = elementCount(shape) / (this.#width || 1);
		const rows = new Int32Array(count);
		for (let i = 0; i < count; i++) rows[i] = this.#rows.get(read(i)) ?? -1;
		const data = this.#values.gather(rows, fallback.data, step);
		return { dtype: valueDtype, shape, data };
	}

	/** Adds keys with their values, or gives them new ones. */
	insert(keys: Tensor, values: Tensor): void {
		this.put(keys, values);
	}

	remove(keys: Tensor): void {
		const count = elementCount(this.#checkKeys(keys));
		const read = this.reader(keys);
		for (let i = 0; i < count; i++) {
			const key = read(i);
			const row = this.#rows.get(key);
			if (row === undefined) continue;
			this.#rows.delete(key);
			this.#free.push(row);
		}
	}

	/** Replaces all that is in the table. */
	import(keys: Tensor, values: Tensor): void {
		this.clear();
		this.put(keys, values);
	}

	/** All keys and their values, in the order in which the keys came. */
	export(): readonly [Tensor, Tensor] {
		const { keyDtype, valueDtype, keyShape, valueShape } = this.type;
		const count = this.size;
		const data = allocate(valueDtype, count * this.#width);
		let i = 0;
		for (const row of this.#rows.values()) this.#values.get(row, data, i++);
		return [
			{
				dtype: keyDtype,
				shape: [count, ...keyShape],
				data: this.#codec.elements(this.#rows.keys(), count),
			},
			{ dtype: valueDtype, shape: [count, ...valueShape], data },
		];
	}

	protected clear(): void {
		this.#rows = new Map();
		this.#values = new Column(this.type.valueDtype, this.#width);
		this.#free = [];
	}

	protected put(keys: Tensor, values: Tensor): void {
		const count = this.#checkPairs(keys, values);
		const read = this.reader(keys);
		for (let i = 0; i < count; i++) this.#putOne(read(i), values, i);
	}

	/** The key at a place of a tensor. */
	protected reader(keys: Tensor): (index: number) => Key {
		return this.#codec.reader(keys);
	}

	/** Whether a key has another value than this one. */
	protected conflicts(key: Key, values: Tensor, index: number): boolean {
		const row = this.#rows.get(key);
		return row !== undefined && !this.#values.equals(row, values.data, index);
	}

	#putOne(key: Key, { data }: Tensor, index: number): void {
		const row = this.#rows.get(key) ?? this.#free.pop();
		if (row === undefined) this.#rows.set(key, this.#values.add(data, index));
		else {
			this.#values.set(row, data, index);
			this.#rows.set(key, row);
		}
	}

	/** The shape of keys without that of one key. */
	#checkKeys(keys: Tensor): readonly number[] {
		const { keyDtype, keyShape } = this.type;
		if (keys.dtype !== keyDtype) throw this.#mismatch(keys, "key");
		const outer = keys.shape.length - keyShape.length;
		if (outer < 0 || keyShape.some((size, i) => size !== keys.shape[outer + i]))
			throw fail(
				"INVALID",
				`cannot use keys of shape ${showShape(keys.shape)}: a key of the table has shape ${showShape(keyShape)}`,
			);
		return keys.shape.slice(0, outer);
	}

	/** The number of pairs. */
	#checkPairs(keys: Tensor, values: Tensor): number {
		const outer = this.#checkKeys(keys);
		if (values.dtype !== this.type.valueDtype)
			throw this.#mismatch(values, "value");
		const wanted = [...outer, ...this.type.valueShape];
		if (!sameShape(values.shape, wanted))
			throw fail(
				"INVALID",
				`cannot put values of shape ${showShape(values.shape)} into a table: ${showShape(wanted)} was wanted for keys of shape ${showShape(keys.shape)}`,
			);
		return elementCount(outer);
	}

	/** How far the default of the next key is from that of this one. */
	#fallbackStep({ shape }: Tensor, full: readonly number[]): number {
		if (sameShape(shape, this.type.valueShape)) return 0;
		if (sameShape(shape, full)) return this.hasDefaultByKey ? 1 : 0;
		throw fail(
			"INVALID",
			`cannot use a default value of shape ${showShape(shape)}: ${showShape(this.type.valueShape)} or ${showShape(full)} was wanted`,
		);
	}

	#mismatch({ dtype }: Tensor, part: string) {
		const { keyDtype, valueDtype } = this.type;
		return fail(
			"INVALID",
			`cannot use a ${part} of type ${dtype} with a table from ${keyDtype} to ${valueDtype}`,
		);
	}
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
	return a.length === b.length && a.every((size, i) => size === b[i]);
}
