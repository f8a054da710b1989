import { isDType } from "../../tensor/dtype.js";
import { tensorsOf } from "../call.js";
import type { LayerScope } from "../entry.js";
import type { Value } from "../graph/builder.js";
import {
	lengthOf,
	lengthsOf,
	packed,
	rankOf,
	transposed,
} from "../graph/shape.js";
import { isList } from "../json.js";
import { unsupported } from "../settings.js";
import {
	alike,
	type Operation,
	operandOf,
	settingOf,
	sizesOf,
	tensorOf,
} from "./operands.js";

/** Tensors behind each other, numbers of one type. */
function joined(scope: LayerScope, parts: readonly Value[], axis: number) {
	const { graph, call } = scope;
	const args = parts.map((flow) => ({ kind: "tensor" as const, flow }));
	const same = alike({ ...scope, call: { ...call, args } }, args.length);
	return graph.op("ConcatV2", [...same, graph.scalar("int32", axis)]);
}

const append: Operation = (scope) => {
	const { graph } = scope;
	const axis = settingOf(scope, "axis");
	const parts = alike(scope, 2);
	if (axis !== null && axis !== undefined)
		return joined(scope, parts, Number(axis));
	const flat = parts.map((x) => graph.op("Reshape", [x, graph.ints([-1])]));
	return joined(scope, flat, 0);
};

const unstack: Operation = (scope) => {
	const x = tensorOf(scope);
	const axis = Number(settingOf(scope, "axis") ?? 0);
	const num = Number(settingOf(scope, "num") ?? lengthOf(x, axis));
	return scope.graph.many("Unpack", [x], { axis, num });
};

/** A part that begins somewhere and is of some size; -1 is all that is left. */
const slice: Operation = (scope) => {
	const { graph, call } = scope;
	const begin = call.args[1] ?? call.kwargs.begin;
	const given = call.args[2] ?? call.kwargs.size;
	const size =
		given === undefined
			? graph.ints(sizeSetting(scope))
			: sizesOf(scope, given);
	return graph.op("Slice", [tensorOf(scope), sizesOf(scope, begin), size]);
};

function sizeSetting(scope: LayerScope): number[] {
	const shape = settingOf(scope, "shape");
	if (!isList(shape)) throw unsupported(scope.layer, "it has no shape");
	return shape.map(Number);
}

const broadcast: Operation = (scope) => {
	const { call } = scope;
	const given = call.args[1] ?? call.kwargs.shape;
	const shape =
		given === undefined
			? scope.graph.ints(sizeSetting(scope))
			: sizesOf(scope, given);
	return scope.graph.op("BroadcastTo", [tensorOf(scope), shape]);
};

const moveAxis: Operation = (scope) => {
	const x = tensorOf(scope);
	const rank = rankOf(x);
	const places = (name: string) => {
		const value = settingOf(scope, name);
		return (isList(value) ? value : [value]).map(
			(axis) => (Number(axis) + rank) % rank,
		);
	};
	const [from, to] = [places("source"), places("destination")];
	const rest = Array.from({ length: rank }, (_, i) => i).filter(
		(axis) => !from.includes(axis),
	);
	const order = Array.from({ length: rank }, (_, i) =>
		to.includes(i) ? from[to.indexOf(i)] : (rest.shift() ?? 0),
	);
	return transposed(scope.graph, x, order);
};

/** keras ops/nn.py: which numbers occur along an axis. */
const multiHot: Operation = (scope) => {
	const { graph } = scope;
	const x = tensorOf(scope);
	const depth = Number(settingOf(scope, "num_classes"));
	const type = settingOf(scope, "dtype");
	const dtype = typeof type === "string" && isDType(type) ? type : "float32";
	const rows = graph.op("OneHot", [
		graph.cast(x, "int32"),
		graph.scalar("int32", depth),
		graph.scalar(dtype, 1),
		graph.scalar(dtype, 0),
	]);
	return graph.op("Max", [rows, graph.ints([rankOf(x) > 1 ? 1 : 0])]);
};

const fullLike: Operation = (scope) => {
	const { graph, call } = scope;
	const x = tensorOf(scope);
	const value = operandOf(
		scope,
		call.args[1] ?? call.kwargs.fill_value,
		x.dtype,
	);
	const shape = packed(graph, lengthsOf(graph, x));
	return graph.shaped(graph.op("BroadcastTo", [value, shape]), x.shape);
};

/** As many elements of one value as a shape has. */
function filled(value: number | undefined): Operation {
	return (scope) => {
		const { graph, call } = scope;
		const type = settingOf(scope, "dtype");
		const dtype = typeof type === "string" && isDType(type) ? type : "float32";
		const element =
			value === undefined
				? operandOf(scope, call.args[1], dtype)
				: graph.scalar(dtype, value);
		return graph.op("Fill", [sizesOf(scope, call.args[0]), element]);
	};
}

function flipped(axis: number): Operation {
	return (scope) =>
		scope.graph.op("ReverseV2", [tensorOf(scope), scope.graph.ints([axis])]);
}

/** keras ops/numpy.py, ops/core.py: what puts tensors together, takes them apart and makes them. */
export const LAYOUTS: Readonly<Record<string, Operation>> = {
	Ravel: ({ graph, ...scope }) =>
		graph.op("Reshape", [tensorOf({ graph, ...scope }), graph.ints([-1])]),
	Hstack: (scope) => {
		const parts = tensorsOf(scope.call.args[0]);
		return joined(scope, parts, rankOf(parts[0]) === 1 ? 0 : 1);
	},
	Vstack: (scope) => joined(scope, tensorsOf(scope.call.args[0]), 0),
	Append: append,
	Unstack: unstack,
	Slice: slice,
	BroadcastTo: broadcast,
	Moveaxis: moveAxis,
	MultiHot: multiHot,
	FullLike: fullLike,
	Fill: filled(undefined),
	Zeros: filled(0),
	Ones: filled(1),
	Fliplr: flipped(1),
	Flipud: flipped(0),
	Size: (scope) => scope.graph.op("Size", [tensorOf(scope)]),
	Ndim: (scope) => scope.graph.scalar("int32", rankOf(tensorOf(scope))),
};
