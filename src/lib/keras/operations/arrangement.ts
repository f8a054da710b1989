import { isDType } from "../../tensor/dtype.js";
import { tensorsOf } from "../call.js";
import type { Actual, LayerScope } from "../entry.js";
import type { Value } from "../graph/builder.js";
import {
	lengthsOf,
	packed,
	rankOf,
	reshaped,
	transposed,
} from "../graph/shape.js";
import { isList, isObject, type Json } from "../json.js";
import { unsupported } from "../settings.js";
import {
	type Operation,
	operandOf,
	plainOf,
	settingOf,
	sizesOf,
	tensorOf,
} from "./operands.js";
import { counted } from "./ordering.js";

function wholes(scope: LayerScope, name: string): number[] {
	const value = settingOf(scope, name);
	const list = isList(value) ? value : [value];
	if (!list.every((item) => Number.isSafeInteger(item)))
		throw unsupported(scope.layer, `its ${name} is ${JSON.stringify(value)}`);
	return list.map(Number);
}

function whole(scope: LayerScope, name: string): number {
	return wholes(scope, name)[0];
}

function axisIn(value: Value, axis: number): number {
	return axis < 0 ? rankOf(value) + axis : axis;
}

const reshape: Operation = (scope) => {
	const { graph, call } = scope;
	const [, given] = call.args;
	if (given === undefined)
		return graph.op("Reshape", [
			tensorOf(scope),
			graph.ints(wholes(scope, "newshape")),
		]);
	const result = graph.op("Reshape", [tensorOf(scope), sizesOf(scope, given)]);
	if (given.kind !== "list") return result;
	const lengths = given.items.map(plainOf);
	return graph.shaped(
		result,
		lengths.map((length) => (typeof length === "number" ? length : -1)),
	);
};

const transpose: Operation = (scope) => {
	const x = tensorOf(scope);
	const axes = settingOf(scope, "axes");
	const order = isList(axes)
		? axes.map(Number)
		: Array.from({ length: rankOf(x) }, (_, i) => rankOf(x) - 1 - i);
	return transposed(scope.graph, x, order);
};

const swapAxes: Operation = (scope) => {
	const x = tensorOf(scope);
	const order = Array.from({ length: rankOf(x) }, (_, i) => i);
	const [a, b] = ["axis1", "axis2"].map((name) =>
		axisIn(x, whole(scope, name)),
	);
	[order[a], order[b]] = [order[b], order[a]];
	return transposed(scope.graph, x, order);
};

const concatenate: Operation = (scope) => {
	const { graph, call } = scope;
	const parts = tensorsOf(call.args[0]);
	return graph.op("ConcatV2", [
		...parts,
		graph.scalar("int32", whole(scope, "axis")),
	]);
};

const stack: Operation = (scope) =>
	scope.graph.op("Pack", tensorsOf(scope.call.args[0]), {
		axis: whole(scope, "axis"),
	});

/** tf.split: a number of parts, or their sizes. */
const splitSizes: Operation = (scope) => {
	const { graph } = scope;
	const axis = graph.scalar("int32", whole(scope, "axis"));
	const sizes = settingOf(scope, "num_or_size_splits");
	if (!isList(sizes))
		return graph.many("Split", [axis, tensorOf(scope)], {
			num_split: whole(scope, "num_or_size_splits"),
		});
	return graph.many(
		"SplitV",
		[tensorOf(scope), graph.ints(sizes.map(Number)), axis],
		{ num_split: sizes.length },
	);
};

const split: Operation = (scope) => {
	const { graph } = scope;
	const x = tensorOf(scope);
	const axis = graph.scalar("int32", whole(scope, "axis"));
	const parts = settingOf(scope, "indices_or_sections");
	if (!isList(parts))
		return graph.many("Split", [axis, x], {
			num_split: whole(scope, "indices_or_sections"),
		});
	const edges = parts.map(Number);
	const length = lengthsOf(graph, x)[axisIn(x, whole(scope, "axis"))];
	if (typeof length !== "number")
		throw unsupported(scope.layer, "the length of its axis is not known");
	const sizes = [...edges, length].map((edge, i) => edge - (edges[i - 1] ?? 0));
	return graph.many("SplitV", [x, graph.ints(sizes), axis], {
		num_split: sizes.length,
	});
};

const expandDims: Operation = (scope) =>
	wholes(scope, "axis").reduce(
		(x, axis) =>
			scope.graph.op("ExpandDims", [x, scope.graph.scalar("int32", axis)]),
		tensorOf(scope),
	);

const squeeze: Operation = (scope) => {
	const axis = settingOf(scope, "axis");
	return scope.graph.op("Squeeze", [tensorOf(scope)], {
		squeeze_dims:
			axis === null || axis === undefined ? [] : wholes(scope, "axis"),
	});
};

const tile: Operation = (scope) => {
	const { graph, call } = scope;
	const counts =
		call.args[1] === undefined
			? graph.ints(wholes(scope, "repeats"))
			: sizesOf(scope, call.args[1]);
	return graph.op("Tile", [tensorOf(scope), counts]);
};

const repeat: Operation = (scope) => {
	const { graph } = scope;
	const x = tensorOf(scope);
	const axis = axisIn(x, whole(scope, "axis"));
	const count = whole(scope, "repeats");
	const lengths = lengthsOf(graph, x);
	const wide = graph.op("ExpandDims", [x, graph.scalar("int32", axis + 1)]);
	const counts = Array.from({ length: lengths.length + 1 }, (_, i) =>
		i === axis + 1 ? count : 1,
	);
	const many = graph.op("Tile", [wide, graph.ints(counts)]);
	return reshaped(
		graph,
		many,
		lengths.map((length, i) => {
			if (i !== axis) return length;
			return typeof length === "number"
				? length * count
				: graph.op("Mul", [length, graph.scalar("int32", count)]);
		}),
	);
};

const pad: Operation = (scope) => {
	const { graph, layer } = scope;
	const x = tensorOf(scope);
	const widths = settingOf(scope, "pad_width");
	const mode = settingOf(scope, "mode") ?? "constant";
	if (!isList(widths) || !widths.every(isList))
		throw unsupported(layer, `its pad_width is ${JSON.stringify(widths)}`);
	const sides = graph.array(
		"int32",
		[widths.length, 2],
		widths.flatMap((side) => (side as readonly Json[]).map(Number)),
	);
	const name = String(mode).toLowerCase();
	if (name === "reflect" || name === "symmetric")
		return graph.op("MirrorPad", [x, sides], { mode: name.toUpperCase() });
	if (name !== "constant") throw unsupported(layer, `its mode is "${mode}"`);
	const value = settingOf(scope, "constant_values");
	return graph.op("PadV2", [
		x,
		sides,
		graph.scalar(x.dtype, typeof value === "number" ? value : 0),
	]);
};

const oneHot: Operation = (scope) => {
	const { graph } = scope;
	const dtype = settingOf(scope, "dtype");
	const type = typeof dtype === "string" && isDType(dtype) ? dtype : "float32";
	return graph.op(
		"OneHot",
		[
			tensorOf(scope),
			graph.scalar("int32", whole(scope, "num_classes")),
			graph.scalar(type, 1),
			graph.scalar(type, 0),
		],
		{ axis: whole(scope, "axis") },
	);
};

/** Elements by their places along an axis, which count from the end where they are negative. */
const take: Operation = (scope) => {
	const { graph, call } = scope;
	const axis = whole(scope, "axis");
	const x = tensorOf(scope);
	const length = lengthsOf(graph, x)[axisIn(x, axis)];
	const given = call.args[1] ?? call.kwargs.indices;
	const places = placesOf(scope, given);
	const plain = given?.kind === "tensor" ? undefined : plainOf(given);
	const isPlain = (isList(plain) ? plain : [plain]).every(
		(place) => typeof place === "number" && place >= 0,
	);
	return graph.op("GatherV2", [
		x,
		isPlain ? places : counted(graph, places, length),
		graph.scalar("int32", axis),
	]);
};

function placesOf(scope: LayerScope, given: Actual | undefined): Value {
	if (given?.kind !== "tensor") return operandOf(scope, given, "int32");
	const { flow } = given;
	return flow.dtype === "int64" ? flow : scope.graph.cast(flow, "int32");
}

/** tf.gather: the same for each element of the first axes, where those are a batch. */
const gather: Operation = (scope) => {
	const { graph, call } = scope;
	const batch = Number(settingOf(scope, "batch_dims") ?? 0);
	const axis = Number(settingOf(scope, "axis") ?? batch);
	return graph.op(
		"GatherV2",
		[
			tensorOf(scope),
			placesOf(scope, call.args[1]),
			graph.scalar("int32", axis),
		],
		{ batch_dims: batch },
	);
};

const topK: Operation = (scope) =>
	scope.graph.many("TopKV2", [
		tensorOf(scope),
		scope.graph.scalar("int32", whole(scope, "k")),
	]);

const flip: Operation = (scope) => {
	const x = tensorOf(scope);
	const axis = settingOf(scope, "axis");
	const axes =
		axis === null || axis === undefined
			? Array.from({ length: rankOf(x) }, (_, i) => i)
			: wholes(scope, "axis");
	return scope.graph.op("ReverseV2", [
		x,
		scope.graph.ints(axes.map((at) => axisIn(x, at))),
	]);
};

/** `x[:, 1:, ..., -1]`: each item is a slice, a number, null for a new axis, or an ellipsis. */
const getItem: Operation = (scope) => {
	const { graph, call, layer } = scope;
	const given = call.args[1] ?? call.kwargs.key;
	const plain = given === undefined ? undefined : plainOf(given);
	if (plain === undefined)
		throw unsupported(layer, "it is indexed by a tensor");
	const items = isList(plain) ? plain : [plain];
	const masks = { begin: 0, end: 0, ellipsis: 0, fresh: 0, shrink: 0 };
	const bounds = items.map((item, i): [number, number, number] => {
		const bit = 1 << i;
		if (item === null) {
			masks.fresh |= bit;
			return [0, 0, 1];
		}
		if (Number.isSafeInteger(item)) {
			masks.shrink |= bit;
			return [Number(item), Number(item) + 1, 1];
		}
		const name = isObject(item) ? item.class_name : undefined;
		if (name === "__ellipsis__") {
			masks.ellipsis |= bit;
			return [0, 0, 1];
		}
		if (!isObject(item))
			throw unsupported(layer, "its index is not understood");
		const slice = isObject(item.config) ? item.config : item;
		if (slice.start === null || slice.start === undefined) masks.begin |= bit;
		if (slice.stop === null || slice.stop === undefined) masks.end |= bit;
		return [
			Number(slice.start ?? 0),
			Number(slice.stop ?? 0),
			Number(slice.step ?? 1),
		];
	});
	return graph.op(
		"StridedSlice",
		[
			tensorOf(scope),
			...[0, 1, 2].map((k) => graph.ints(bounds.map((b) => b[k]))),
		],
		{
			begin_mask: masks.begin,
			end_mask: masks.end,
			ellipsis_mask: masks.ellipsis,
			new_axis_mask: masks.fresh,
			shrink_axis_mask: masks.shrink,
		},
	);
};

/** keras ops/numpy.py, ops/core.py: what moves elements, and products. */
export const ARRANGEMENTS: Readonly<Record<string, Operation>> = {
	Reshape: reshape,
	Transpose: transpose,
	Swapaxes: swapAxes,
	Concatenate: concatenate,
	Stack: stack,
	Split: split,
	SplitSizes: splitSizes,
	ExpandDims: expandDims,
	Squeeze: squeeze,
	Tile: tile,
	Repeat: repeat,
	Pad: pad,
	OneHot: oneHot,
	Take: take,
	Gather: gather,
	GatherNd: (scope) =>
		scope.graph.op("GatherNd", [
			tensorOf(scope),
			placesOf(scope, scope.call.args[1]),
		]),
	TopK: topK,
	Flip: flip,
	GetItem: getItem,
	Shape: (scope) =>
		packed(scope.graph, lengthsOf(scope.graph, tensorOf(scope))),
};
