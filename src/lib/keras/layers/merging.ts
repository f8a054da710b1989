import type { Flow, LayerEntry, LayerScope } from "../entry.js";
import {
	type Length,
	lengthsOf,
	rankOf,
	reshaped,
	transposed,
} from "../graph/shape.js";
import { isList } from "../json.js";
import { flag, integer, integers, unsupported } from "../settings.js";

/** Masks of all inputs, or nothing where one has none (keras layers/merging/base_merge.py). */
function commonMask(
	{ graph }: LayerScope,
	inputs: readonly Flow[],
): { readonly mask?: Flow } {
	const masks = inputs.flatMap(({ mask }) =>
		mask === undefined ? [] : [mask],
	);
	if (masks.length === 0 || masks.length < inputs.length) return {};
	return { mask: masks.reduce((a, b) => graph.op("LogicalOr", [a, b])) };
}

/** Fewer axes than the others: ones are put behind the batch. */
function alike(scope: LayerScope): readonly Flow[] {
	const { graph, inputs } = scope;
	const most = Math.max(...inputs.map(rankOf));
	return inputs.map((input) => {
		let x = input;
		while (rankOf(x) < most)
			x = graph.op("ExpandDims", [x, graph.scalar("int32", 1)]);
		return x;
	});
}

function pairwise(op: string): LayerEntry {
	return {
		mask: "made",
		emit: (scope) => ({
			...alike(scope).reduce((a, b) => scope.graph.op(op, [a, b])),
			...commonMask(scope, scope.inputs),
		}),
	};
}

const average: LayerEntry = {
	mask: "made",
	emit: (scope) => {
		const { graph, inputs } = scope;
		const sum = alike(scope).reduce((a, b) => graph.op("AddV2", [a, b]));
		const mean = graph.op("RealDiv", [
			sum,
			graph.scalar(sum.dtype, inputs.length),
		]);
		return { ...mean, ...commonMask(scope, inputs) };
	},
};

const concatenate: LayerEntry = {
	mask: "made",
	emit: (scope) => {
		const { layer, graph, inputs } = scope;
		const axis = graph.scalar("int32", integer(layer, "axis", -1));
		const joined =
			inputs.length === 1 ? inputs[0] : graph.op("ConcatV2", [...inputs, axis]);
		if (inputs.every(({ mask }) => mask === undefined)) return joined;
		const masks = inputs.map((x) => wideMask(scope, x));
		const whole =
			masks.length === 1 ? masks[0] : graph.op("ConcatV2", [...masks, axis]);
		return { ...joined, mask: graph.op("Any", [whole, graph.ints([-1])]) };
	},
};

/** Of the input's own shape; true where it has no mask (keras layers/merging/concatenate.py). */
function wideMask({ graph }: LayerScope, x: Flow): Flow {
	const lengths = graph.op("Shape", [x]);
	const all = graph.op("Fill", [
		lengths,
		graph.constant({
			dtype: "bool",
			shape: [],
			data: Uint8Array.of(x.mask === undefined ? 1 : 0),
		}),
	]);
	const filled = graph.shaped(all, x.shape);
	if (x.mask === undefined) return filled;
	const mask =
		rankOf(x.mask) < rankOf(x)
			? graph.op("ExpandDims", [x.mask, graph.scalar("int32", -1)])
			: x.mask;
	return graph.op("LogicalOr", [mask, filled]);
}

/** keras layers/merging/dot.py, batch_dot. */
const dot: LayerEntry = {
	mask: "ends",
	emit: (scope) => {
		const { layer, graph, inputs } = scope;
		const axes = isList(layer.config.axes)
			? integers(layer, "axes", 2)
			: integers(layer, "axes", 2);
		const [a, b] = flag(layer, "normalize", false)
			? inputs.map((x, i) => normalized(scope, x, axes[i]))
			: inputs;
		if (b === undefined) throw unsupported(layer, "it wants two inputs");
		const left = lastAxis(scope, a, axes[0]);
		const right = lastAxis(scope, b, axes[1]);
		const [rows, ...leftRest] = lengthsOf(graph, left);
		const [, ...rightRest] = lengthsOf(graph, right);
		const size = leftRest[leftRest.length - 1];
		const product = graph.op(
			"BatchMatMulV2",
			[
				matrix(scope, left, [rows, ...leftRest]),
				matrix(scope, right, [rows, ...rightRest.slice(0, -1), size]),
			],
			{ adj_y: true },
		);
		const whole = [rows, ...leftRest.slice(0, -1), ...rightRest.slice(0, -1)];
		return reshaped(graph, product, whole.length === 1 ? [rows, 1] : whole);
	},
};

/** [batch, everything else, the last axis]. */
function matrix(
	{ graph }: LayerScope,
	x: Flow,
	lengths: readonly Length[],
): Flow {
	const rest = lengths.slice(1, -1);
	const middle = rest.every((length) => typeof length === "number")
		? rest.reduce((product: number, length) => product * Number(length), 1)
		: rest
				.map((length) =>
					typeof length === "number" ? graph.scalar("int32", length) : length,
				)
				.reduce((a, b) => graph.op("Mul", [a, b]));
	return reshaped(graph, x, [lengths[0], middle, lengths[lengths.length - 1]]);
}

function lastAxis({ graph }: LayerScope, x: Flow, axis: number): Flow {
	const rank = rankOf(x);
	const at = axis < 0 ? rank + axis : axis;
	const others = Array.from({ length: rank }, (_, i) => i).filter(
		(i) => i !== at,
	);
	return transposed(graph, x, [...others, at]);
}

function normalized({ graph }: LayerScope, x: Flow, axis: number): Flow {
	const squares = graph.op(
		"Sum",
		[graph.op("Square", [x]), graph.ints([axis])],
		{ keep_dims: true },
	);
	const bounded = graph.op("Maximum", [squares, graph.scalar(x.dtype, 1e-12)]);
	return graph.op("Mul", [x, graph.op("Rsqrt", [bounded])]);
}

export const MERGING_LAYERS: Readonly<Record<string, LayerEntry>> = {
	Add: pairwise("AddV2"),
	Subtract: pairwise("Sub"),
	Multiply: pairwise("Mul"),
	Maximum: pairwise("Maximum"),
	Minimum: pairwise("Minimum"),
	Average: average,
	Concatenate: concatenate,
	Dot: dot,
};
