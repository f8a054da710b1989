import { intsAttr } from "../../graph/attrs.js";
import type { ValueName } from "../../graph/ir.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import { composite, type ExpandContext, type OpEntry } from "../define.js";
import { windowTaps } from "../nn/taps.js";
import {
	type AxisLayout,
	imageSizes,
	spatialItems,
	type Window,
	windowedSizes,
	windowOf,
} from "../nn/window.js";

export const patchOps = {
	ExtractImagePatches: composite((context) =>
		patches(context, { channels: 3, spatial: [1, 2] }),
	),
	ExtractVolumePatches: composite((context) =>
		patches(context, { channels: 4, spatial: [1, 2, 3] }),
	),
} as const satisfies Record<string, OpEntry>;

/** Every place of a sliding window as one row of channels: [place of the window…, channel]. */
function patches(context: ExpandContext, layout: AxisLayout): ValueName[] {
	const { node, types, add, scalar } = context;
	const window = patchWindow(context, layout);
	const { spatial } = imageSizes(types[0].shape, layout);
	const side = sideBySide(context, layout, window);
	if (side !== undefined) return [side];
	const taps = windowTaps(context, window, spatial, 0);
	if (taps.length === 1) return taps;
	return [
		add("ConcatV2", [...taps, scalar("int32", layout.channels)], {
			T: node.attrs.T,
			N: taps.length,
			Tidx: "int32",
		}),
	];
}

function patchWindow({ node }: ExpandContext, layout: AxisLayout): Window {
	const kernel = spatialItems(intsAttr(node, "ksizes"), layout);
	const rates = node.attrs.rates === undefined ? [] : intsAttr(node, "rates");
	return {
		...windowOf(node, layout, kernel),
		dilations: spatialItems(rates, layout),
	};
}

/** Patches that tile the image are only its axes in another order. */
function sideBySide(
	{ node, inputs, types, add, constantOf }: ExpandContext,
	layout: AxisLayout,
	window: Window,
): ValueName | undefined {
	const { spatial, channels } = imageSizes(types[0].shape, layout);
	const tiles = window.kernel.every(
		(size, axis) =>
			size === window.strides[axis] &&
			window.dilations[axis] === 1 &&
			spatial[axis] > 0 &&
			spatial[axis] % size === 0,
	);
	if (!tiles || channels < 0) return undefined;
	const vector = (values: readonly number[]) =>
		constantOf(tensorFromNumbers("int32", [values.length], values));
	const reshaped = (value: ValueName, shape: readonly number[]) =>
		add("Reshape", [value, vector(shape)], {
			T: node.attrs.T,
			Tshape: "int32",
		});
	const places = windowedSizes(window, spatial);
	const split = reshaped(inputs[0], [
		-1,
		...places.flatMap((count, axis) => [count, window.kernel[axis]]),
		channels,
	]);
	const order = [
		0,
		...places.map((_, axis) => 2 * axis + 1),
		...places.map((_, axis) => 2 * axis + 2),
		2 * places.length + 1,
	];
	const turned = add("Transpose", [split, vector(order)], {
		T: node.attrs.T,
		Tperm: "int32",
	});
	const depth = window.kernel.reduce((a, b) => a * b, channels);
	return reshaped(turned, [-1, ...places, depth]);
}
