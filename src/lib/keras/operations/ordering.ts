import type { LayerScope } from "../entry.js";
import type { GraphBuilder, Value } from "../graph/builder.js";
import {
	type Length,
	lengthOf,
	lengthsOf,
	rankOf,
	sliced,
	transposed,
} from "../graph/shape.js";
import { isList } from "../json.js";
import { unsupported } from "../settings.js";
import { type Operation, settingOf, tensorOf } from "./operands.js";

function axisOf(scope: LayerScope, x: Value, usual = -1): number {
	const axis = Number(settingOf(scope, "axis") ?? usual);
	return axis < 0 ? rankOf(x) + axis : axis;
}

/** Does work along the last axis for any axis. */
function alongLast(
	graph: GraphBuilder,
	values: readonly Value[],
	axis: number,
	work: (values: readonly Value[]) => Value,
): Value {
	const last = rankOf(values[0]) - 1;
	const order = Array.from({ length: last + 1 }, (_, i) => i);
	[order[axis], order[last]] = [order[last], order[axis]];
	const turned = values.map((x) => transposed(graph, x, order));
	return transposed(graph, work(turned), order);
}

/** tf.sort and tf.argsort: the largest of the negatives. */
function sorted(output: 0 | 1): Operation {
	return (scope) => {
		const { graph, layer } = scope;
		const x = tensorOf(scope);
		if (settingOf(scope, "axis") === null)
			throw unsupported(layer, "it sorts all elements");
		if (!/^(float|int|bfloat)/.test(x.dtype))
			throw unsupported(layer, `it sorts ${x.dtype}`);
		const descends = settingOf(scope, "direction") === "DESCENDING";
		const turn = (value: Value) =>
			descends ? value : graph.op("Neg", [value]);
		return alongLast(graph, [x], axisOf(scope, x), ([values]) => {
			const found = graph.many("TopKV2", [
				turn(values),
				graph.scalar("int32", lengthOf(values, -1)),
			]);
			return output === 0 ? turn(found[0]) : found[1];
		});
	};
}

/** Places that count from the end count from the beginning. */
export function counted(
	graph: GraphBuilder,
	places: Value,
	length: Length,
): Value {
	const total =
		typeof length === "number"
			? graph.scalar(places.dtype, length)
			: graph.cast(length, places.dtype);
	return graph.op("SelectV2", [
		graph.op("Less", [places, graph.scalar(places.dtype, 0)]),
		graph.op("AddV2", [places, total]),
		places,
	]);
}

const takeAlong: Operation = (scope) => {
	const { graph, layer } = scope;
	const x = tensorOf(scope);
	const places = tensorOf(scope, 1);
	if (settingOf(scope, "axis") === null || rankOf(x) !== rankOf(places))
		throw unsupported(layer, "its places have other axes");
	return alongLast(graph, [x, places], axisOf(scope, x), ([values, at]) =>
		graph.op(
			"GatherV2",
			[
				values,
				counted(graph, at, lengthsOf(graph, values).at(-1) ?? 0),
				graph.scalar("int32", rankOf(values) - 1),
			],
			{ batch_dims: rankOf(values) - 1 },
		),
	);
};

const roll: Operation = (scope) => {
	const { graph, layer } = scope;
	const shift = settingOf(scope, "shift");
	const axis = settingOf(scope, "axis");
	if (axis === null || axis === undefined)
		throw unsupported(layer, "it rolls all elements");
	const [shifts, axes] = [shift, axis].map((value) =>
		isList(value)
			? graph.ints(value.map(Number))
			: graph.scalar("int32", Number(value)),
	);
	return graph.op("Roll", [tensorOf(scope), shifts, axes]);
};

/** What is below a diagonal, or above it. */
function triangle(isLower: boolean): Operation {
	return (scope) => {
		const { graph } = scope;
		const k = Number(settingOf(scope, "k") ?? 0);
		const x = tensorOf(scope);
		const band = (below: number, above: number) =>
			graph.op("MatrixBandPart", [
				x,
				graph.scalar("int64", below),
				graph.scalar("int64", above),
			]);
		if (isLower)
			return k >= 0 ? band(-1, k) : graph.op("Sub", [x, band(-k - 1, -1)]);
		return k <= 0 ? band(-k, -1) : graph.op("Sub", [x, band(-1, k - 1)]);
	};
}

const differences: Operation = (scope) => {
	const { graph } = scope;
	let x = tensorOf(scope);
	const axis = axisOf(scope, x);
	for (let n = Number(settingOf(scope, "n") ?? 1); n > 0; n--)
		x = graph.op("Sub", [
			sliced(graph, x, axis, [1, undefined]),
			sliced(graph, x, axis, [0, -1]),
		]);
	return x;
};

/** keras ops/numpy.py: what orders elements, or takes them by their places. */
export const ORDERINGS: Readonly<Record<string, Operation>> = {
	Sort: sorted(0),
	Argsort: sorted(1),
	TakeAlongAxis: takeAlong,
	Roll: roll,
	Tril: triangle(true),
	Triu: triangle(false),
	Diff: differences,
};
