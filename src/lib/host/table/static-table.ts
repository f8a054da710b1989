import { fail } from "../../errors.js";
import type { Tensor } from "../../tensor/tensor.js";
import { Table } from "./table.js";

/**
 * A table that is filled once, before it is used; filling it again changes nothing, as several signatures of a model do
 * (core/kernels/lookup_util.h, InitializableLookupTable).
 */
export class StaticTable extends Table {
	#isFilled = false;
	/** Its kernel takes the first default for all keys (core/kernels/lookup_table_op.h, HashTable::DoFind). */
	protected override readonly hasDefaultByKey = false;

	override find(keys: Tensor, fallback: Tensor): Tensor {
		if (!this.#isFilled)
			throw fail(
				"INVALID",
				"cannot look up in a table that nothing has filled",
			);
		return super.find(keys, fallback);
	}

	/** Fails with INVALID, the table unchanged, where a key comes twice with different values. */
	override import(keys: Tensor, values: Tensor): void {
		if (this.#isFilled) return;
		if (keys.shape.length !== 1)
			throw fail(
				"INVALID",
				`cannot fill a table with keys of rank ${keys.shape.length}: a vector was wanted`,
			);
		super.import(keys, values);
		if (this.size < keys.data.length) this.#checkTwins(keys, values);
		this.#isFilled = true;
	}

	#checkTwins(keys: Tensor, values: Tensor): void {
		const read = this.reader(keys);
		for (let i = 0; i < keys.data.length; i++) {
			if (!this.conflicts(read(i), values, i)) continue;
			this.clear();
			throw fail(
				"INVALID",
				`cannot fill a table: the key ${String(read(i))} comes twice with different values`,
			);
		}
	}

	override insert(): void {
		throw fixed("insert into");
	}

	override remove(): void {
		throw fixed("remove from");
	}
}

function fixed(verb: string) {
	return fail(
		"UNSUPPORTED",
		`cannot ${verb} a static table: TensorFlow fills it once`,
	);
}
