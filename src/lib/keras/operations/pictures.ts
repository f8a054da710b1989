import type { LayerScope } from "../entry.js";
import type { Value } from "../graph/builder.js";
import { type Length, lengthsOf, sliced } from "../graph/shape.js";
import { isList } from "../json.js";
import { resized } from "../layers/reshaping.js";
import { unsupported } from "../settings.js";
import { floating, type Operation, settingOf, tensorOf } from "./operands.js";

/** Pictures with their channels last, as TensorFlow's operations for CPUs have them. */
function pictureOf(scope: LayerScope): Value {
	const x = tensorOf(scope);
	const format = settingOf(scope, "data_format");
	if (format === "channels_first" || format === "NCHW")
		throw unsupported(scope.layer, "its channels come first");
	if (x.shape?.length !== 4)
		throw unsupported(scope.layer, "it takes no batch of pictures");
	return x;
}

function pair(scope: LayerScope, name: string): number[] {
	const value = settingOf(scope, name);
	const list = isList(value) ? value.map(Number) : [Number(value)];
	const inner = list.length === 4 ? list.slice(1, 3) : list;
	const both = inner.length === 1 ? [inner[0], inner[0]] : inner;
	if (both.length !== 2 || !both.every((size) => Number.isSafeInteger(size)))
		throw unsupported(scope.layer, `its ${name} is ${JSON.stringify(value)}`);
	return both;
}

const resize: Operation = (scope) => {
	const { graph, layer } = scope;
	for (const name of [
		"antialias",
		"crop_to_aspect_ratio",
		"pad_to_aspect_ratio",
		"preserve_aspect_ratio",
	])
		if (settingOf(scope, name) === true)
			throw unsupported(layer, `its ${name} is true`);
	const x = pictureOf(scope);
	const interpolation =
		settingOf(scope, "interpolation") ??
		settingOf(scope, "method") ??
		"bilinear";
	const result = resized(scope, x, {
		interpolation: String(interpolation),
		size: graph.ints(pair(scope, "size")),
	});
	// tf.image.resize gives float32 of whatever, but the nearest pixels
	return interpolation === "nearest" || settingOf(scope, "interpolation")
		? result
		: floating(graph, result);
};

/** ITU-R BT.601 as TensorFlow rounds it (image_ops_impl.py, rgb_to_grayscale). */
const GRAY = [0.2989, 0.587, 0.114];

const grayscale: Operation = (scope) => {
	const { graph } = scope;
	const given = tensorOf(scope);
	const x = floating(graph, given);
	const weighed = graph.op("Mul", [x, graph.array(x.dtype, [3], GRAY)]);
	const sum = graph.op("Sum", [weighed, graph.ints([-1])], { keep_dims: true });
	return graph.cast(sum, given.dtype);
};

function pooled(op: string, size: string): Operation {
	return (scope) => {
		const x = pictureOf(scope);
		const kernel = pair(scope, size);
		const given = settingOf(scope, "strides");
		const strides =
			given === null || given === undefined ? kernel : pair(scope, "strides");
		return scope.graph.op(op, [x], {
			ksize: [1, ...kernel, 1],
			strides: [1, ...strides, 1],
			padding: String(settingOf(scope, "padding") ?? "valid").toUpperCase(),
		});
	};
}

function blocks(op: string): Operation {
	return (scope) =>
		scope.graph.op(op, [pictureOf(scope)], {
			block_size: Number(settingOf(scope, "block_size")),
		});
}

/** What is on each side: of the three, two are said and one follows. */
function sides(
	scope: LayerScope,
	length: Length,
	names: readonly [string, string, string],
	grows: 1 | -1,
): readonly [number, number] {
	const [before, behind, target] = names.map((name) => {
		const value = settingOf(scope, name);
		return typeof value === "number" ? value : undefined;
	});
	if (before !== undefined && behind !== undefined) return [before, behind];
	if (target === undefined || typeof length !== "number")
		throw unsupported(scope.layer, "the size of its pictures is not known");
	const both = (target - length) * grows;
	if (before !== undefined) return [before, both - before];
	return [both - (behind ?? 0), behind ?? 0];
}

function framed(scope: LayerScope, word: string, grows: 1 | -1) {
	const [, height, width] = lengthsOf(scope.graph, pictureOf(scope));
	return [
		sides(
			scope,
			height,
			[`top_${word}`, `bottom_${word}`, "target_height"],
			grows,
		),
		sides(
			scope,
			width,
			[`left_${word}`, `right_${word}`, "target_width"],
			grows,
		),
	];
}

const padded: Operation = (scope) => {
	const { graph } = scope;
	const widths = [[0, 0], ...framed(scope, "padding", 1), [0, 0]].flat();
	return graph.op("Pad", [
		pictureOf(scope),
		graph.array("int32", [4, 2], widths),
	]);
};

const cropped: Operation = (scope) =>
	framed(scope, "cropping", -1).reduce(
		(x, [before, behind], i) =>
			sliced(scope.graph, x, i + 1, [
				before,
				behind === 0 ? undefined : -behind,
			]),
		pictureOf(scope),
	);

function flipped(axis: number): Operation {
	return (scope) =>
		scope.graph.op("ReverseV2", [pictureOf(scope), scope.graph.ints([axis])]);
}

/** keras ops/image.py, ops/nn.py, and their like in tf.image and tf.nn. */
export const PICTURES: Readonly<Record<string, Operation>> = {
	Resize: resize,
	RGBToGrayscale: grayscale,
	MaxPool: pooled("MaxPool", "pool_size"),
	AveragePool: pooled("AvgPool", "pool_size"),
	SpaceToDepth: blocks("SpaceToDepth"),
	DepthToSpace: blocks("DepthToSpace"),
	PadImages: padded,
	CropImages: cropped,
	FlipLeftRight: flipped(2),
	FlipUpDown: flipped(1),
};
