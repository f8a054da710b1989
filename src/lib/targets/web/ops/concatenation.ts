import { bool, int, ints as intList, text } from "../attrs.js";
import type { WebContext, WebValue } from "../lowering.js";
import { countTo, numbersOf, takenAt } from "./counting.js";

/**
 * Texts put together element by element, which TensorFlow.js does only in its n-grams: each element is a row of as many words
 * as there are texts. Shapes broadcast.
 */
export function concatenated(
	context: WebContext,
	texts: readonly WebValue[],
): WebValue {
	const { emit, ints, scalar } = context;
	const shape = texts
		.map((value) => emit("Shape", [value]))
		.reduce((a, b) => emit("BroadcastArgs", [a, b]));
	const columns = texts.map((value) => repeated(context, value, shape));
	const words = emit("Reshape", [
		emit("Pack", columns, { axis: int(1), N: int(columns.length) }),
		ints([-1]),
	]);
	const width = scalar(texts.length);
	const end = emit("AddV2", [emit("Size", [words]), scalar(1)]);
	const rows = countTo(context, end, scalar(0), width);
	const [joined] = context.emitMany("StringNGrams", [words, rows], 2, {
		...Object.fromEntries(
			["separator", "left_pad", "right_pad"].map((name) => [name, text("")]),
		),
		ngram_widths: intList([texts.length]),
		pad_width: int(0),
		preserve_short_sequences: bool(false),
	});
	return emit("Reshape", [joined, shape]);
}

/** The elements of a text in a shape that it broadcasts to, in a row. */
function repeated(
	context: WebContext,
	value: WebValue,
	shape: WebValue,
): WebValue {
	const { emit, ints } = context;
	const places = emit("BroadcastTo", [numbersOf(context, value), shape]);
	return takenAt(context, value, emit("Reshape", [places, ints([-1])]));
}
