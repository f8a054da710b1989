import { DTYPES, type DType, type TypedArray } from "../../tensor/dtype.js";
import { allocate, type TensorData } from "../../tensor/tensor.js";
import { wordsOf } from "../narrow.js";

/** Values of a table: `width` elements a row, in memory that grows. Has a lifetime: the table's. */
export class Column {
	#data: TypedArray | Uint8Array[];
	#rows = 0;
	readonly #dtype: DType;
	readonly #width: number;

	constructor(dtype: DType, width: number) {
		this.#dtype = dtype;
		this.#width = width;
		this.#data = allocate(dtype, 0);
	}

	/** Adds row `index` of `source` and returns the place of it. */
	add(source: TensorData, index: number): number {
		this.#reserve(this.#rows + 1);
		this.set(this.#rows, source, index);
		return this.#rows++;
	}

	set(row: number, source: TensorData, index: number): void {
		copyRow(source, index, this.#data, row, this.#width * this.#lanes);
	}

	get(row: number, target: TensorData, index: number): void {
		copyRow(this.#data, row, target, index, this.#width * this.#lanes);
	}

	/** The rows at these places; for a negative one row `i * step` of `fallback`. */
	gather(
		rows: Int32Array,
		fallback: TensorData,
		step: number,
	): TypedArray | Uint8Array[] {
		const gathered = allocate(this.#dtype, rows.length * this.#width);
		const isWide = DTYPES[this.#dtype].kind === "bigint";
		// bigints are moved as pairs of words: none has to be made
		const [known, other, target] = isWide
			? [this.#data, fallback, gathered].map((data) =>
					wordsOf(data as TypedArray),
				)
			: [this.#data, fallback, gathered];
		const width = this.#width * (isWide ? 2 : this.#lanes);
		for (let i = 0; i < rows.length; i++) {
			const isKnown = rows[i] >= 0;
			const source = (isKnown ? known : other) as Float32Array;
			const from = (isKnown ? rows[i] : i * step) * width;
			for (let k = 0; k < width; k++)
				(target as Float32Array)[i * width + k] = source[from + k];
		}
		return gathered;
	}

	equals(row: number, source: TensorData, index: number): boolean {
		const width = this.#width * this.#lanes;
		for (let i = 0; i < width; i++)
			if (!isEqual(this.#data[row * width + i], source[index * width + i]))
				return false;
		return true;
	}

	get #lanes(): number {
		return DTYPES[this.#dtype].lanes;
	}

	#reserve(rows: number): void {
		const needed = rows * this.#width;
		const { length } = this.#data;
		if (needed * this.#lanes <= length || !ArrayBuffer.isView(this.#data))
			return;
		const larger = allocate(this.#dtype, Math.max(needed, length * 2, 16));
		(larger as Float32Array).set(this.#data as Float32Array);
		this.#data = larger;
	}
}

/** Copies `width` elements of row `from` to row `to`. */
function copyRow(
	source: TensorData,
	from: number,
	target: TensorData,
	to: number,
	width: number,
): void {
	const given = source as Float32Array;
	const taken = target as Float32Array;
	for (let i = 0; i < width; i++)
		taken[to * width + i] = given[from * width + i];
}

type Element = number | bigint | Uint8Array;

function isEqual(a: Element, b: Element): boolean {
	if (typeof a !== "object" || typeof b !== "object")
		return a === b || Object.is(a, b);
	return Buffer.compare(a, b) === 0;
}
