import { fail } from "../../errors.js";
import { nearest, quoted } from "../../nearest.js";
import type { Actual } from "../entry.js";
import type { Json } from "../json.js";
import type { Layer } from "../model.js";
import type { Operation } from "./operands.js";
import { OPERATIONS } from "./table.js";

/** What a function of TensorFlow is called, by the operation of Keras that it is. */
interface FunctionRow {
	readonly operation: string;
	/** Its arguments, as the operation takes them in order. */
	readonly takes: readonly string[];
	/** Other arguments, by the names that the operation has for them. */
	readonly renamed?: Readonly<Record<string, string>>;
	/** What TensorFlow assumes, where Keras assumes something else. */
	readonly usual?: Readonly<Record<string, Json>>;
}

function row(
	operation: string,
	takes: string,
	more: Omit<FunctionRow, "operation" | "takes"> = {},
): FunctionRow {
	return { operation, takes: takes.split(" "), ...more };
}

/** Functions of one tensor: the name of the function, and of the operation where it is another one. */
function unary(...names: readonly (readonly [string, string])[]) {
	return Object.fromEntries(
		names.map(([name, operation]) => [name, row(operation, "x")]),
	);
}

/** Functions of one tensor, whatever TensorFlow calls it. */
const ONE: readonly (readonly [string, string])[] = [
	["abs", "Absolute"],
	["negative", "Negative"],
	["exp", "Exp"],
	["expm1", "Expm1"],
	["log", "Log"],
	["log1p", "Log1p"],
	["sqrt", "Sqrt"],
	["rsqrt", "Rsqrt"],
	["square", "Square"],
	["reciprocal", "Reciprocal"],
	["sigmoid", "Sigmoid"],
	["log_sigmoid", "LogSigmoid"],
	["tanh", "Tanh"],
	["sin", "Sin"],
	["cos", "Cos"],
	["tan", "Tan"],
	["asin", "Arcsin"],
	["acos", "Arccos"],
	["atan", "Arctan"],
	["sinh", "Sinh"],
	["cosh", "Cosh"],
	["asinh", "Arcsinh"],
	["acosh", "Arccosh"],
	["atanh", "Arctanh"],
	["floor", "Floor"],
	["ceil", "Ceil"],
	["round", "Round"],
	["rint", "Round"],
	["sign", "Sign"],
	["erf", "Erf"],
	["erfc", "Erfc"],
	["is_nan", "Isnan"],
	["is_inf", "Isinf"],
	["is_finite", "Isfinite"],
	["logical_not", "LogicalNot"],
	["softplus", "Softplus"],
	["softsign", "Softsign"],
	["relu", "Relu"],
	["relu6", "Relu6"],
	["elu", "Elu"],
	["selu", "Selu"],
	["silu", "Silu"],
	["swish", "Silu"],
	["identity", "Identity"],
	["convert_to_tensor", "Identity"],
	["stop_gradient", "Identity"],
	["zeros_like", "ZerosLike"],
	["ones_like", "OnesLike"],
	["rank", "Ndim"],
	["size", "Size"],
	["shape", "Shape"],
	["gelu", "Gelu"],
	["rgb_to_grayscale", "RGBToGrayscale"],
	["flip_left_right", "FlipLeftRight"],
	["flip_up_down", "FlipUpDown"],
];

const PAIRS: readonly (readonly [string, string])[] = [
	["add", "Add"],
	["subtract", "Subtract"],
	["multiply", "Multiply"],
	["divide", "TrueDivide"],
	["truediv", "TrueDivide"],
	["floordiv", "FloorDivide"],
	["floor_div", "FloorDivide"],
	["floormod", "Mod"],
	["mod", "Mod"],
	["pow", "Power"],
	["maximum", "Maximum"],
	["minimum", "Minimum"],
	["squared_difference", "SquaredDifference"],
	["divide_no_nan", "DivideNoNan"],
	["equal", "Equal"],
	["not_equal", "NotEqual"],
	["greater", "Greater"],
	["greater_equal", "GreaterEqual"],
	["less", "Less"],
	["less_equal", "LessEqual"],
	["logical_and", "LogicalAnd"],
	["logical_or", "LogicalOr"],
	["logical_xor", "LogicalXor"],
];

const REDUCED: readonly (readonly [string, string])[] = [
	["mean", "Mean"],
	["sum", "Sum"],
	["max", "Max"],
	["min", "Min"],
	["prod", "Prod"],
	["any", "Any"],
	["all", "All"],
	["logsumexp", "Logsumexp"],
	["variance", "Var"],
	["std", "Std"],
	["euclidean_norm", "Norm"],
];

/** THE table of functions of TensorFlow that stand in functional models of Keras 2, by their names without the modules. */
const FUNCTIONS: Readonly<Record<string, FunctionRow>> = {
	...unary(...ONE),
	...Object.fromEntries(
		PAIRS.map(([name, operation]) => [name, row(operation, "x y")]),
	),
	...Object.fromEntries(
		REDUCED.map(([name, operation]) => [
			`reduce_${name}`,
			row(operation, "input_tensor"),
		]),
	),
	atan2: row("Arctan2", "y x"),
	softmax: row("Softmax", "logits", { usual: { axis: -1 } }),
	log_softmax: row("LogSoftmax", "logits", { usual: { axis: -1 } }),
	leaky_relu: row("LeakyRelu", "features", {
		renamed: { alpha: "negative_slope" },
	}),
	cast: row("Cast", "x"),
	argmax: row("Argmax", "input", { usual: { axis: 0, output_type: "int64" } }),
	argmin: row("Argmin", "input", { usual: { axis: 0, output_type: "int64" } }),
	cumsum: row("Cumsum", "x", { usual: { axis: 0 } }),
	cumprod: row("Cumprod", "x", { usual: { axis: 0 } }),
	count_nonzero: row("CountNonzero", "input", { usual: { dtype: "int64" } }),
	norm: row("Norm", "tensor", { usual: { ord: "euclidean" } }),
	l2_normalize: row("L2Normalize", "x"),
	clip_by_value: row("Clip", "t", {
		renamed: { clip_value_min: "x_min", clip_value_max: "x_max" },
	}),
	where: row("Where", "condition x y"),
	matmul: row("Matmul", "a b"),
	tensordot: row("Tensordot", "a b"),
	add_n: row("AddN", "inputs"),
	bias_add: row("Add", "value bias"),
	reshape: row("Reshape", "tensor shape"),
	transpose: row("Transpose", "a", { renamed: { perm: "axes" } }),
	expand_dims: row("ExpandDims", "input"),
	squeeze: row("Squeeze", "input"),
	concat: row("Concatenate", "values"),
	stack: row("Stack", "values", { usual: { axis: 0 } }),
	unstack: row("Unstack", "value", { usual: { axis: 0 } }),
	split: row("SplitSizes", "value", { usual: { axis: 0 } }),
	tile: row("Tile", "input multiples"),
	repeat: row("Repeat", "input"),
	pad: row("Pad", "tensor", { renamed: { paddings: "pad_width" } }),
	one_hot: row("OneHot", "indices", {
		renamed: { depth: "num_classes" },
		usual: { axis: -1 },
	}),
	gather: row("Gather", "params indices"),
	gather_nd: row("GatherNd", "params indices"),
	slice: row("Slice", "input_ begin size"),
	getitem: row("GetItem", "tensor slice_spec"),
	reverse: row("Flip", "tensor"),
	roll: row("Roll", "input"),
	sort: row("Sort", "values", { usual: { axis: -1 } }),
	argsort: row("Argsort", "values", { usual: { axis: -1 } }),
	top_k: row("TopK", "input"),
	broadcast_to: row("BroadcastTo", "input shape"),
	fill: row("Fill", "dims value"),
	zeros: row("Zeros", "shape"),
	ones: row("Ones", "shape"),
	resize: row("Resize", "images"),
	max_pool: row("MaxPool", "input", { renamed: { ksize: "pool_size" } }),
	max_pool2d: row("MaxPool", "input", { renamed: { ksize: "pool_size" } }),
	avg_pool: row("AveragePool", "input", { renamed: { ksize: "pool_size" } }),
	avg_pool2d: row("AveragePool", "input", { renamed: { ksize: "pool_size" } }),
	space_to_depth: row("SpaceToDepth", "input"),
	depth_to_space: row("DepthToSpace", "input"),
};

/** Modules whose functions have names of their own. */
const MODULES = /^(?:(?:compat\.v[12]|math|nn|linalg|image|__operators__)\.)+/;

/** `math.add`, `compat.v1.transpose`, `__operators__.getitem`. Fails with UNSUPPORTED, naming it, for one that is not in the table. */
export function functionOf({ className, name, config }: Layer): Operation {
	const given = typeof config.function === "string" ? config.function : "";
	const plain = given.replace(MODULES, "");
	if (!Object.hasOwn(FUNCTIONS, plain))
		throw fail(
			"UNSUPPORTED",
			`cannot export layer "${name}" (${className}): mlship does not know tf.${given}; nearest are ${quoted(nearest(plain, Object.keys(FUNCTIONS)))}`,
			{
				hint: "replace it by layers of Keras, or export the model in Python by model.export(DIR)",
				at: { layer: name, class: className },
			},
		);
	const { operation, takes, renamed = {}, usual = {} } = FUNCTIONS[plain];
	return (scope) => {
		const { args, kwargs } = scope.call;
		const ordered = takes.map((key, i) => args[i] ?? kwargs[key]);
		while (ordered.length > 0 && ordered.at(-1) === undefined) ordered.pop();
		const rest = Object.entries(kwargs).filter(
			([key, actual]) => !takes.includes(key) && !isNone(actual),
		);
		const assumed = Object.entries(usual).map(
			([key, value]): [string, Actual] => [key, { kind: "value", value }],
		);
		const named = rest.map(([key, actual]): [string, Actual] => [
			renamed[key] ?? key,
			actual,
		]);
		return OPERATIONS[operation]({
			...scope,
			call: {
				args: ordered.map((actual) => actual ?? { kind: "value", value: null }),
				kwargs: Object.fromEntries([...assumed, ...named]),
			},
		});
	};
}

function isNone(actual: Actual): boolean {
	return actual.kind === "value" && actual.value === null;
}
