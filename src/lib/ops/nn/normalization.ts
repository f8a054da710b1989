import { boolAttr, floatAttr, stringAttr } from "../../graph/attrs.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import {
	composite,
	type ExpandContext,
	type InferRule,
	type OpEntry,
	primitive,
	type ValueType,
} from "../define.js";
import { sameAsInput } from "../shapes.js";
import { axisLayout, imageSizes } from "./window.js";

/** y, then mean and variance twice: for the caller, and as upstream's kernels hand them to the gradient. */
function batchNorm(outputs: number): InferRule {
	return ({ node, inputs: [x, scale] }) => {
		const layout = axisLayout(node);
		const { channels } = imageSizes(x.shape, layout);
		const statistics: ValueType = {
			dtype: scale.dtype,
			shape: [channels >= 0 ? channels : (scale.shape?.[0] ?? -1)],
		};
		// what GPU kernels keep for the gradient; upstream's CPU kernel gives a zero
		const reserve: ValueType = { dtype: scale.dtype, shape: [] };
		const rank = layout.spatial.length + 2;
		const y: ValueType = {
			dtype: x.dtype,
			// with statistics that are given, channels may be behind any number of axes
			shape:
				x.shape ??
				(boolAttr(node, "is_training")
					? new Array<number>(rank).fill(-1)
					: undefined),
		};
		return [y, statistics, statistics, statistics, statistics, reserve].slice(
			0,
			outputs,
		);
	};
}

export const normalizationOps = {
	BiasAdd: primitive(sameAsInput),
	BiasAddV1: composite(({ node, inputs, add }) => [
		add("BiasAdd", inputs, { T: node.attrs.T, data_format: "NHWC" }),
	]),
	FusedBatchNorm: primitive(batchNorm(5)),
	FusedBatchNormV2: primitive(batchNorm(5)),
	FusedBatchNormV3: primitive(batchNorm(6)),
	_FusedBatchNormEx: composite(expandFusedBatchNormEx),
	BatchNormWithGlobalNormalization: composite(expandGlobalNormalization),
	LRN: primitive(({ inputs: [x] }) => [
		{ dtype: x.dtype, shape: x.shape ?? [-1, -1, -1, -1] },
	]),
	Softmax: primitive(sameAsInput),
	LogSoftmax: primitive(sameAsInput),
} as const satisfies Record<string, OpEntry>;

/** Batch normalization, then perhaps the sum with a second input, then an activation. */
function expandFusedBatchNormEx({
	node,
	inputs,
	add,
	addMany,
	constantOf,
}: ExpandContext): readonly string[] {
	const { num_side_inputs, activation_mode, ...attrs } = node.attrs;
	const [y, ...others] = addMany(
		"FusedBatchNormV3",
		inputs.slice(0, 5),
		6,
		attrs,
	);
	const T = node.attrs.T;
	const summed = inputs
		.slice(5)
		.reduce((sum, side) => add("AddV2", [sum, side], { T }), y);
	const activation = stringAttr(node, "activation_mode");
	const active =
		activation === "Identity" ? summed : add(activation, [summed], { T });
	// here upstream keeps nothing for the gradient
	const reserve = constantOf(tensorFromNumbers("float32", [0], []));
	return [active, ...others.slice(0, 4), reserve];
}

/** (t - m) / sqrt(v + epsilon) · gamma + beta, gamma only if `scale_after_normalization`. */
function expandGlobalNormalization({
	node,
	inputs: [t, m, v, beta, gamma],
	types,
	add,
	scalar,
}: ExpandContext): readonly string[] {
	const T = node.attrs.T;
	const attrs = { T };
	const epsilon = scalar(types[0].dtype, floatAttr(node, "variance_epsilon"));
	const inverse = add("Rsqrt", [add("AddV2", [v, epsilon], attrs)], attrs);
	const factor = boolAttr(node, "scale_after_normalization")
		? add("Mul", [inverse, gamma], attrs)
		: inverse;
	const shift = add("Sub", [beta, add("Mul", [m, factor], attrs)], attrs);
	return [add("AddV2", [add("Mul", [t, factor], attrs), shift], attrs)];
}
