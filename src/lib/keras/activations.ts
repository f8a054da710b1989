import type { GraphBuilder, Value } from "./graph/builder.js";
import { rankOf } from "./graph/shape.js";
import { isObject, type Json } from "./json.js";
import type { Layer } from "./model.js";
import { toNumber, unsupported } from "./settings.js";

type Parameters = Readonly<Record<string, number | undefined>>;

type Activation = (
	graph: GraphBuilder,
	x: Value,
	parameters: Parameters,
) => Value;

/**
 * Applies an activation by its name, or by the layer or function that a configuration spells out. Fails with UNSUPPORTED for
 * a function that somebody wrote.
 */
export function activated(
	layer: Layer,
	graph: GraphBuilder,
	x: Value,
	setting: Json | undefined = layer.config.activation,
): Value {
	const { name, parameters } = described(setting);
	if (name === undefined) return x;
	const known = Object.hasOwn(ALIASES, name) ? ALIASES[name] : name;
	const key =
		layer.generation === 2 && Object.hasOwn(KERAS_2, known)
			? KERAS_2[known]
			: known;
	if (!Object.hasOwn(ACTIVATIONS, key))
		throw unsupported(
			layer,
			`its activation "${name}" is none of Keras's, and its code is not in the file`,
		);
	return ACTIVATIONS[key](graph, x, parameters);
}

/** `"relu"`, `{class_name: "function", config: "relu"}`, `{class_name: "LeakyReLU", config: {...}}`. */
function described(setting: Json | undefined): {
	name: string | undefined;
	parameters: Parameters;
} {
	if (typeof setting === "string") return { name: setting, parameters: {} };
	if (!isObject(setting)) return { name: undefined, parameters: {} };
	const { class_name: className, config } = setting;
	if (typeof config === "string") return { name: config, parameters: {} };
	const values = isObject(config) ? config : {};
	return {
		name: typeof className === "string" ? className : "an unknown one",
		parameters: Object.fromEntries(
			Object.entries(values).map(([key, value]) => [
				key,
				typeof value === "boolean" ? Number(value) : toNumber(value),
			]),
		),
	};
}

/** Other names of the same (keras activations/__init__.py), and layers that stand where a function is wanted. */
const ALIASES: Readonly<Record<string, string>> = {
	ReLU: "relu",
	LeakyReLU: "leaky_relu",
	ELU: "elu",
	Softmax: "softmax",
	swish: "silu",
	SiLU: "silu",
	hard_swish: "hard_silu",
	Linear: "linear",
};

/** Functions that changed under their names. */
const KERAS_2: Readonly<Record<string, string>> = {
	hard_sigmoid: "hard_sigmoid_2",
};

/** THE table of activations (keras activations/activations.py, backend/tensorflow/nn.py). */
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
	linear: (_, x) => x,
	relu: (graph, x, parameters) =>
		rectified(graph, x, {
			slope: parameters.negative_slope ?? parameters.alpha ?? 0,
			limit: parameters.max_value,
			threshold: parameters.threshold ?? 0,
		}),
	relu6: (graph, x) => graph.op("Relu6", [x]),
	leaky_relu: (graph, x, { negative_slope: slope, alpha }) =>
		graph.op("LeakyRelu", [x], { alpha: Math.fround(slope ?? alpha ?? 0.2) }),
	elu: (graph, x, { alpha }) => exponential(graph, x, alpha ?? 1),
	selu: (graph, x) => graph.op("Selu", [x]),
	celu: (graph, x, { alpha }) => {
		const a = alpha ?? 1;
		const zero = graph.scalar(x.dtype, 0);
		const bent = graph.op("Expm1", [
			graph.op("RealDiv", [
				graph.op("Minimum", [x, zero]),
				graph.scalar(x.dtype, a),
			]),
		]);
		return graph.op("AddV2", [
			graph.op("Maximum", [x, zero]),
			graph.op("Mul", [bent, graph.scalar(x.dtype, a)]),
		]);
	},
	gelu: (graph, x, { approximate }) => gelu(graph, x, approximate === 1),
	sigmoid: (graph, x) => graph.op("Sigmoid", [x]),
	tanh: (graph, x) => graph.op("Tanh", [x]),
	softmax: (graph, x, { axis }) => softmax(graph, x, axis ?? -1),
	log_softmax: (graph, x) => alongLast(graph, x, -1, "LogSoftmax"),
	softplus: (graph, x) => graph.op("Softplus", [x]),
	softsign: (graph, x) => graph.op("Softsign", [x]),
	exponential: (graph, x) => graph.op("Exp", [x]),
	silu: (graph, x) => graph.op("Mul", [x, graph.op("Sigmoid", [x])]),
	log_sigmoid: (graph, x) =>
		graph.op("Neg", [graph.op("Softplus", [graph.op("Neg", [x])])]),
	mish: (graph, x) =>
		graph.op("Mul", [x, graph.op("Tanh", [graph.op("Softplus", [x])])]),
	hard_sigmoid: hardSigmoid,
	// keras 2, backend.py: a slope of 0.2
	hard_sigmoid_2: (graph, x) =>
		clipped(
			graph,
			graph.op("AddV2", [
				graph.op("Mul", [x, graph.scalar(x.dtype, 0.2)]),
				graph.scalar(x.dtype, 0.5),
			]),
			0,
			1,
		),
	hard_silu: (graph, x) => graph.op("Mul", [x, hardSigmoid(graph, x)]),
	hard_tanh: (graph, x) => clipped(graph, x, -1, 1),
	tanh_shrink: (graph, x) => graph.op("Sub", [x, graph.op("Tanh", [x])]),
	soft_shrink: (graph, x, { threshold }) => {
		const edge = threshold ?? 0.5;
		return graph.op("Sub", [x, clipped(graph, x, -edge, edge)]);
	},
	hard_shrink: (graph, x, { threshold }) => {
		const edge = graph.scalar(x.dtype, threshold ?? 0.5);
		const counts = graph.op("Greater", [graph.op("Abs", [x]), edge]);
		return graph.op("Mul", [x, graph.cast(counts, x.dtype)]);
	},
	threshold: (graph, x, { threshold, default_value: otherwise }) =>
		graph.op("SelectV2", [
			graph.op("Greater", [x, graph.scalar(x.dtype, threshold ?? 0)]),
			x,
			graph.scalar(x.dtype, otherwise ?? 0),
		]),
	squareplus: (graph, x, { b }) => {
		const root = graph.op("Sqrt", [
			graph.op("AddV2", [
				graph.op("Square", [x]),
				graph.scalar(x.dtype, b ?? 4),
			]),
		]);
		return graph.op("Mul", [
			graph.op("AddV2", [x, root]),
			graph.scalar(x.dtype, 0.5),
		]);
	},
	sparse_plus: (graph, x) => {
		const raised = graph.op("AddV2", [x, graph.scalar(x.dtype, 1)]);
		const bent = graph.op("Mul", [
			graph.op("Square", [raised]),
			graph.scalar(x.dtype, 0.25),
		]);
		const middle = graph.op("SelectV2", [
			graph.op("Less", [x, graph.scalar(x.dtype, 1)]),
			bent,
			x,
		]);
		return graph.op("SelectV2", [
			graph.op("LessEqual", [x, graph.scalar(x.dtype, -1)]),
			graph.scalar(x.dtype, 0),
			middle,
		]);
	},
	sparse_sigmoid: (graph, x) =>
		clipped(
			graph,
			graph.op("Mul", [
				graph.op("AddV2", [x, graph.scalar(x.dtype, 1)]),
				graph.scalar(x.dtype, 0.5),
			]),
			0,
			1,
		),
	glu: (graph, x) => {
		const [half, gate] = graph.many("Split", [graph.scalar("int32", -1), x], {
			num_split: 2,
		});
		return graph.op("Mul", [half, graph.op("Sigmoid", [gate])]);
	},
};

interface Rectified {
	readonly slope: number;
	readonly limit: number | undefined;
	readonly threshold: number;
}

/** keras activations/activations.py, ReLU: negative slope below a threshold, a limit above. */
export function rectified(
	graph: GraphBuilder,
	x: Value,
	{ slope, limit, threshold }: Rectified,
): Value {
	if (slope === 0 && threshold === 0)
		return limit === 6
			? graph.op("Relu6", [x])
			: limited(graph, graph.op("Relu", [x]), limit);
	if (threshold === 0)
		return limited(
			graph,
			graph.op("LeakyRelu", [x], { alpha: Math.fround(slope) }),
			limit,
		);
	const edge = graph.scalar(x.dtype, threshold);
	const above = graph.op("Greater", [x, edge]);
	const low = graph.op("Mul", [
		graph.op("Sub", [x, edge]),
		graph.scalar(x.dtype, slope),
	]);
	return graph.op("SelectV2", [above, limited(graph, x, limit), low]);
}

export function exponential(
	graph: GraphBuilder,
	x: Value,
	alpha: number,
): Value {
	const bent = graph.op("Elu", [x]);
	if (alpha === 1) return bent;
	return graph.op("SelectV2", [
		graph.op("Greater", [x, graph.scalar(x.dtype, 0)]),
		bent,
		graph.op("Mul", [bent, graph.scalar(x.dtype, alpha)]),
	]);
}

/** Over one axis or several. */
export function softmax(
	graph: GraphBuilder,
	x: Value,
	axis: number | readonly number[],
): Value {
	if (typeof axis === "number") return alongLast(graph, x, axis, "Softmax");
	if (axis.length === 1) return alongLast(graph, x, axis[0], "Softmax");
	const axes = graph.ints(axis);
	const most = graph.op("Max", [x, axes], { keep_dims: true });
	const powers = graph.op("Exp", [graph.op("Sub", [x, most])]);
	const sum = graph.op("Sum", [powers, axes], { keep_dims: true });
	return graph.op("RealDiv", [powers, sum]);
}

/** TensorFlow's operations work on the last axis, of a matrix at least. */
function alongLast(
	graph: GraphBuilder,
	x: Value,
	axis: number,
	op: string,
): Value {
	const rank = rankOf(x);
	const at = axis < 0 ? rank + axis : axis;
	if (at === rank - 1) return graph.op(op, [x]);
	const order = Array.from({ length: rank }, (_, i) => i);
	order[at] = rank - 1;
	order[rank - 1] = at;
	const last = graph.op("Transpose", [x, graph.ints(order)]);
	return graph.op("Transpose", [graph.op(op, [last]), graph.ints(order)]);
}

function limited(
	graph: GraphBuilder,
	x: Value,
	limit: number | undefined,
): Value {
	return limit === undefined
		? x
		: graph.op("Minimum", [x, graph.scalar(x.dtype, limit)]);
}

export function clipped(
	graph: GraphBuilder,
	x: Value,
	low: number,
	high: number,
): Value {
	return graph.op("Minimum", [
		graph.op("Maximum", [x, graph.scalar(x.dtype, low)]),
		graph.scalar(x.dtype, high),
	]);
}

/** Keras 3: relu6(x + 3) / 6 (backend/tensorflow/nn.py). */
function hardSigmoid(graph: GraphBuilder, x: Value): Value {
	const raised = graph.op("AddV2", [x, graph.scalar(x.dtype, 3)]);
	return graph.op("Mul", [
		graph.op("Relu6", [raised]),
		graph.scalar(x.dtype, 1 / 6),
	]);
}

function gelu(graph: GraphBuilder, x: Value, approximate: boolean): Value {
	const number = (value: number) => graph.scalar(x.dtype, value);
	const curve = approximate
		? graph.op("Tanh", [
				graph.op("Mul", [
					number(Math.sqrt(2 / Math.PI)),
					graph.op("AddV2", [
						x,
						graph.op("Mul", [
							number(0.044715),
							graph.op("Mul", [x, graph.op("Square", [x])]),
						]),
					]),
				]),
			])
		: graph.op("Erf", [graph.op("Mul", [x, number(Math.SQRT1_2)])]);
	return graph.op("Mul", [
		graph.op("Mul", [number(0.5), x]),
		graph.op("AddV2", [number(1), curve]),
	]);
}
