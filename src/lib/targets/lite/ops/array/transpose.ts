import type { LiteContext, LiteValue } from "../../lowering.js";
import { unfit } from "../../lowering.js";
import { reshaped, transposed } from "../rows.js";

/** Kernels turn so many axes, and runtimes before 2.12 one less. */
const TURNED_AXES = 5;
const TURNED_AXES_LATER = 6;

/** Axes that stay side by side are one where there are too many: [2,3,4] of [4,2,3] is two axes exchanged. */
export function turned(
	context: LiteContext,
	value: LiteValue,
	order: readonly number[],
): LiteValue {
	if (order.length <= TURNED_AXES) return transposed(context, value, order);
	const { shape } = value;
	const runs = runsOf(order);
	const size = (axes: readonly number[]) =>
		axes.reduce((product, axis) => {
			const own = shape?.[axis] ?? -1;
			return product < 0 || own < 0 ? -1 : product * own;
		}, 1);
	const sorted = [...runs].sort((a, b) => a[0] - b[0]);
	const joined = sorted.map(size);
	const apart = order.map((axis) => shape?.[axis] ?? -1);
	if (isOpen(joined) || isOpen(apart) || runs.length > TURNED_AXES_LATER) {
		if (order.length > TURNED_AXES_LATER)
			throw unfit(
				`TensorFlow Lite transposes ${TURNED_AXES_LATER} axes at most`,
			);
		return transposed(context, value, order);
	}
	const made = transposed(
		context,
		reshaped(context, value, joined),
		runs.map((run) => sorted.indexOf(run)),
	);
	return reshaped(context, made, apart);
}

/** The order in pieces that count up by one. */
function runsOf(order: readonly number[]): number[][] {
	const runs: number[][] = [];
	for (const axis of order) {
		const last = runs.at(-1);
		if (last !== undefined && last[last.length - 1] === axis - 1)
			last.push(axis);
		else runs.push([axis]);
	}
	return runs;
}

/** More than one unknown size cannot be asked for. */
function isOpen(shape: readonly number[]): boolean {
	return shape.filter((size) => size < 0).length > 1 || shape.includes(0);
}
