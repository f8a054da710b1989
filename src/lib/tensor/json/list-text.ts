import { DTYPES } from "../dtype.js";
import type { Tensor } from "../tensor.js";
import { stridesOf } from "../transpose.js";
import type { ByteWriter } from "./byte-writer.js";
import { elementsWriter, type PutElements } from "./element-text.js";
import type { Layout } from "./layout.js";

/** A tensor that is being written as nested lists. */
export interface ListText {
	readonly shape: readonly number[];
	/** Elements in one item of each dimension. */
	readonly strides: readonly number[];
	readonly put: PutElements;
	readonly layout: Layout;
}

/** A complex number is written as a list of two. */
export function openListText(
	{ dtype, shape, data }: Tensor,
	layout: Layout,
	{ asBase64 }: { asBase64: boolean },
): ListText {
	const sizes = DTYPES[dtype].lanes === 2 ? [...shape, 2] : shape;
	return {
		shape: sizes,
		strides: stridesOf(sizes),
		put: elementsWriter({ dtype, data, asBase64 }, layout),
		layout,
	};
}

/** Writes what lies under the first `dimension` dimensions at element `from`: lists, or one element. */
export function putLists(
	writer: ByteWriter,
	text: ListText,
	dimension: number,
	from: number,
	level: number,
): void {
	const { shape, put, layout } = text;
	if (dimension === shape.length) {
		put(writer, from, from + 1, NO_BYTES, level);
		return;
	}
	writer.putText("[");
	putItems(writer, text, dimension, from, level + 1);
	if (shape[dimension] > 0) writer.put(layout.last(level));
	writer.putText("]");
}

/** The items of a list, without its brackets, of which there are `level` around them. */
export function putItems(
	writer: ByteWriter,
	text: ListText,
	dimension: number,
	from: number,
	level: number,
): void {
	const { shape, strides, put, layout } = text;
	const size = shape[dimension];
	if (size === 0) return;
	const between = layout.between(level - 1);
	writer.put(layout.first(level - 1));
	if (dimension === shape.length - 1) {
		put(writer, from, from + size, between, level);
		return;
	}
	for (let i = 0; i < size; i++) {
		if (i > 0) writer.put(between);
		putLists(writer, text, dimension + 1, from + i * strides[dimension], level);
	}
}

const NO_BYTES = new Uint8Array(0);
