import { intsAttr } from "../../graph/attrs.js";
import type { ValueName } from "../../graph/ir.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import { composite, type ExpandContext, type OpEntry } from "../define.js";
import { formula, type Term } from "../formula.js";
import { packed, windowPatches } from "../nn/patches.js";
import { type AxisLayout, paddingOf, spatialItems } from "../nn/window.js";

export const patchOps = {
	ExtractImagePatches: composite((context) =>
		patches(context, { channels: 3, spatial: [1, 2] }),
	),
	ExtractVolumePatches: composite((context) =>
		patches(context, { channels: 4, spatial: [1, 2, 3] }),
	),
} as const satisfies Record<string, OpEntry>;

/** What a window sees at each place as one row of channels: [place in the window…, channel]. */
function patches(context: ExpandContext, layout: AxisLayout): ValueName[] {
	const { node, add, constantOf } = context;
	const kernel = spatialItems(intsAttr(node, "ksizes"), layout);
	const rates = node.attrs.rates === undefined ? [] : intsAttr(node, "rates");
	const window = {
		kernel,
		strides: spatialItems(intsAttr(node, "strides"), layout),
		dilations: spatialItems(rates, layout),
		padding: paddingOf(node, layout),
	};
	const { value, places, kernelAxes } = windowPatches(
		context,
		layout,
		window,
		0,
	);
	const order = [
		0,
		...kernelAxes.map((axis) => axis - 1),
		...kernelAxes,
		2 * kernel.length + 1,
	];
	const turned = add(
		"Transpose",
		[value, constantOf(tensorFromNumbers("int32", [order.length], order))],
		{ T: node.attrs.T, Tperm: "int32" },
	);
	return [
		add("Reshape", [turned, patchShape(context, layout, places, kernel)], {
			T: node.attrs.T,
			Tshape: "int32",
		}),
	];
}

function patchShape(
	context: ExpandContext,
	layout: AxisLayout,
	places: readonly Term[],
	kernel: readonly number[],
): ValueName {
	const { types } = context;
	const area = kernel.reduce((a, b) => a * b, 1);
	const channels = types[0].shape?.at(-1) ?? -1;
	const depth =
		channels >= 0
			? channels * area
			: formula(context, "int32").mul(
					inputSize(context, layout, layout.channels),
					area,
				);
	return packed(context, [inputSize(context, layout, 0), ...places, depth], 0);
}

/** The size of an axis of the images, an int32 scalar where it is not known. */
function inputSize(
	{ node, inputs, types, add, addMany }: ExpandContext,
	layout: AxisLayout,
	axis: number,
): Term {
	const { shape } = types[0];
	if (shape !== undefined && shape[axis] >= 0) return shape[axis];
	const rank = layout.spatial.length + 2;
	const sizes = add("Shape", [inputs[0]], {
		T: node.attrs.T,
		out_type: "int32",
	});
	const attrs = { T: "int32", num: rank, axis: 0 };
	return addMany("Unpack", [sizes], rank, attrs)[axis];
}
