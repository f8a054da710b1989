import type { LayerScope } from "../entry.js";
import type { Value } from "../graph/builder.js";
import { rankOf } from "../graph/shape.js";
import { isList } from "../json.js";
import { causalMask } from "../layers/attention/mask.js";
import { toNumber, unsupported } from "../settings.js";
import {
	alike,
	floating,
	type Operation,
	operandOf,
	settingOf,
	tensorOf,
} from "./operands.js";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** Sums over pairs of axes of two tensors; all other axes follow each other. */
function contracted(
	{ graph }: LayerScope,
	[a, b]: readonly Value[],
	pairs: readonly (readonly [number, number])[],
): Value {
	const left = [...LETTERS.slice(0, rankOf(a))];
	const right = [...LETTERS.slice(rankOf(a), rankOf(a) + rankOf(b))];
	for (const [i, j] of pairs) right[j] = left[i];
	const summed = new Set(pairs.map(([i]) => left[i]));
	const kept = [...left, ...right].filter((letter) => !summed.has(letter));
	return graph.op("Einsum", [a, b], {
		equation: `${left.join("")},${right.join("")}->${kept.join("")}`,
	});
}

const tensorDot: Operation = (scope) => {
	const operands = alike(scope, 2);
	const [a, b] = operands.map(rankOf);
	const axes = settingOf(scope, "axes") ?? 2;
	if (typeof axes === "number")
		return contracted(
			scope,
			operands,
			Array.from({ length: axes }, (_, i) => [a - axes + i, i] as const),
		);
	const [left, right] = isList(axes)
		? axes.map((side) => (isList(side) ? side : [side]).map(Number))
		: [];
	if (left === undefined || right?.length !== left.length)
		throw unsupported(scope.layer, `its axes are ${JSON.stringify(axes)}`);
	return contracted(
		scope,
		operands,
		left.map((at, i) => [(at + a) % a, (right[i] + b) % b] as const),
	);
};

/** numpy.dot: the last axis of one with the last but one of the other, or with a vector. */
const dot: Operation = (scope) => {
	const operands = alike(scope, 2);
	const [a, b] = operands.map(rankOf);
	if (a === 0 || b === 0) return scope.graph.op("Mul", operands);
	return contracted(scope, operands, [[a - 1, Math.max(b - 2, 0)]]);
};

/** Of matrices, one of them turned round if that is asked for, or of a matrix and a vector. */
const matmul: Operation = (scope) => {
	const { graph, layer } = scope;
	const operands = alike(scope, 2);
	const [a, b] = operands.map(rankOf);
	if (a >= 2 && b >= 2)
		return graph.op("BatchMatMulV2", operands, {
			adj_x: settingOf(scope, "transpose_a") === true,
			adj_y: settingOf(scope, "transpose_b") === true,
		});
	if (a === 0 || b > 2)
		throw unsupported(layer, "one of its tensors is a vector");
	return contracted(scope, operands, [[a - 1, 0]]);
};

const einsum: Operation = (scope) => {
	const equation = settingOf(scope, "subscripts");
	if (typeof equation !== "string")
		throw unsupported(scope.layer, "it has no equation");
	return scope.graph.op("Einsum", alike(scope, scope.call.args.length), {
		equation: equation.replaceAll(" ", ""),
	});
};

/** keras ops/nn.py, dot_product_attention: [batch, length, heads, size] each. */
const attention: Operation = (scope) => {
	const { graph, layer, call } = scope;
	const [query, key, value] = alike(scope, 3);
	if (rankOf(query) !== 4)
		throw unsupported(layer, `its query has ${rankOf(query)} axes`);
	const size = query.shape?.at(-1) ?? -1;
	const scale = toNumber(settingOf(scope, "scale")) ?? 1 / Math.sqrt(size);
	if (size < 0 || settingOf(scope, "attn_logits_soft_cap"))
		throw unsupported(layer, "its scores are capped, or of no known size");
	const scores = graph.op("Mul", [
		graph.op("Einsum", [query, key], { equation: "btnh,bsnh->bnts" }),
		graph.scalar(query.dtype, scale),
	]);
	const bias = call.args[3] ?? call.kwargs.bias;
	const raised =
		bias?.kind === "tensor"
			? graph.op("AddV2", [scores, graph.cast(bias.flow, query.dtype)])
			: scores;
	const mask = call.args[4] ?? call.kwargs.mask;
	const masks = [
		...(mask?.kind === "tensor" ? [graph.cast(mask.flow, "bool")] : []),
		...(settingOf(scope, "is_causal") === true
			? [causalMask(graph, query, key)]
			: []),
	];
	const low = graph.scalar(
		query.dtype,
		query.dtype === "float16" ? -3e4 : -2e38,
	);
	const shown = masks.reduce(
		(x, shows) => graph.op("SelectV2", [shows, x, low]),
		raised,
	);
	return graph.op("Einsum", [graph.op("Softmax", [shown]), value], {
		equation: "bnts,bsnh->btnh",
	});
};

function axesIn(scope: LayerScope): Value {
	const axis = settingOf(scope, "axis") ?? -1;
	return scope.graph.ints((isList(axis) ? axis : [axis]).map(Number));
}

/** keras config.epsilon() */
const EPSILON = 1e-7;

const rmsNorm: Operation = (scope) => {
	const { graph, call } = scope;
	const x = floating(graph, tensorOf(scope));
	const mean = graph.op("Mean", [graph.op("Square", [x]), axesIn(scope)], {
		keep_dims: true,
	});
	const epsilon = toNumber(settingOf(scope, "epsilon")) ?? EPSILON;
	const inverse = graph.op("Rsqrt", [
		graph.op("AddV2", [mean, graph.scalar(x.dtype, epsilon)]),
	]);
	const result = graph.op("Mul", [x, inverse]);
	const scale = call.args[1] ?? call.kwargs.scale;
	return scale === undefined || (scale.kind === "value" && scale.value === null)
		? result
		: graph.op("Mul", [result, operandOf(scope, scale, x.dtype)]);
};

const normalize: Operation = (scope) => {
	const { graph, layer } = scope;
	if ((settingOf(scope, "order") ?? 2) !== 2)
		throw unsupported(layer, "its order is not 2");
	const x = floating(graph, tensorOf(scope));
	const squares = graph.op("Sum", [graph.op("Square", [x]), axesIn(scope)], {
		keep_dims: true,
	});
	const epsilon = toNumber(settingOf(scope, "epsilon")) ?? EPSILON;
	const bounded = graph.op("Maximum", [
		squares,
		graph.scalar(x.dtype, epsilon * epsilon),
	]);
	return graph.op("Mul", [x, graph.op("Rsqrt", [bounded])]);
};

/** keras ops/numpy.py, ops/nn.py: what multiplies and adds up. */
export const PRODUCTS: Readonly<Record<string, Operation>> = {
	Matmul: matmul,
	Einsum: einsum,
	Tensordot: tensorDot,
	Dot: dot,
	DotProductAttention: attention,
	RMSNorm: rmsNorm,
	Normalize: normalize,
};
