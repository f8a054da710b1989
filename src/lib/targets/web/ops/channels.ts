import type { WebContext, WebValue } from "../lowering.js";

/** A list with an entry an axis, as it is once channels are last. */
export type Last = (list: readonly number[]) => readonly number[];

/**
 * Gives `make` input `index` with its channels last, and a function that orders a list with an entry an axis likewise;
 * the first value that it returns goes back to the order of axes that the node has.
 */
export function channelsLast(
	{ node, inputs, input, emit, ints }: WebContext,
	index: number,
	make: (picture: WebValue, last: Last) => readonly WebValue[],
): readonly WebValue[] {
	const format = String(node.attrs.data_format ?? "NHWC");
	if (!format.startsWith("NC")) return make(input(index), (list) => list);
	const rank = inputs[index].shape?.length ?? format.length;
	const axes = Array.from({ length: rank }, (_, i) => i);
	const [batch, channels, ...places] = axes;
	const toLast = [batch, ...places, channels];
	const toFirst = [batch, rank - 1, ...places.map((place) => place - 1)];
	const [first, ...rest] = make(
		emit("Transpose", [input(index), ints(toLast)]),
		(list) => toLast.map((axis) => list[axis]),
	);
	return [emit("Transpose", [first, ints(toFirst)]), ...rest];
}
