import { fail } from "../../errors.js";
import { intsAttr } from "../../graph/attrs.js";
import type { ValueName } from "../../graph/ir.js";
import { DTYPES } from "../../tensor/dtype.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import { composite, type ExpandContext, type OpEntry } from "../define.js";
import { formula } from "../formula.js";
import { windowTaps } from "./taps.js";
import { axisLayout, imageSizes, spatialItems, windowOf } from "./window.js";

export const dilationOps = {
	Dilation2D: composite(dilation),
} as const satisfies Record<string, OpEntry>;

/** Grey dilation: the largest sum of a pixel under the window and the filter there; the filter is [height, width, channels]. */
function dilation(context: ExpandContext): ValueName[] {
	const { node, inputs, types } = context;
	const { dtype, shape } = types[0];
	const [height, width] = types[1].shape ?? [-1, -1];
	if (
		height < 0 ||
		width < 0 ||
		DTYPES[dtype].kind === "int" ||
		DTYPES[dtype].kind === "bigint"
	)
		throw fail(
			"UNSUPPORTED",
			`cannot expand Dilation2D on ${dtype} with a filter of ${height}×${width}: mlship wants floats and a filter whose size is known`,
		);
	const layout = axisLayout(node);
	const window = {
		...windowOf(node, layout, [height, width]),
		dilations: spatialItems(intsAttr(node, "rates"), layout),
	};
	const { spatial } = imageSizes(shape, layout);
	const math = formula(context, dtype);
	const sums = windowTaps(
		context,
		window,
		spatial,
		Number.NEGATIVE_INFINITY,
	).map((pixels, place) =>
		math.add(
			pixels,
			filterAt(context, inputs[1], Math.floor(place / width), place % width),
		),
	);
	return [sums.reduce((a, b) => math.max(a, b))];
}

/** The filter's values for one place of the window, one a channel. */
function filterAt(
	{ node, add, constantOf }: ExpandContext,
	filter: ValueName,
	row: number,
	column: number,
): ValueName {
	const index = constantOf(tensorFromNumbers("int32", [2], [row, column]));
	return add("GatherNd", [filter, index], {
		Tparams: node.attrs.T,
		Tindices: "int32",
	});
}
