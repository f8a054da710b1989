import { floatAttr } from "../../../graph/attrs.js";
import { numberTensor } from "../../../tensor/numbers.js";
import type { LiteContext, LiteValue } from "../lowering.js";
import { unfit } from "../lowering.js";
import { binary, unary } from "./rows.js";

type Activate = (context: LiteContext, x: LiteValue) => LiteValue;

/** A function that a fused op applies, by TensorFlow's name. */
export function activate(
	context: LiteContext,
	name: string,
	x: LiteValue,
): LiteValue {
	const row = ACTIVATIONS[name];
	if (row === undefined) throw unfit(`it is fused with ${name}`);
	return row(context, x);
}

const ACTIVATIONS: Readonly<Record<string, Activate | undefined>> = {
	Relu: (context, x) => unary(context, "RELU", x),
	Relu6: (context, x) => unary(context, "RELU6", x),
	Elu: (context, x) => unary(context, "ELU", x),
	Sigmoid: (context, x) => unary(context, "LOGISTIC", x),
	Tanh: (context, x) => unary(context, "TANH", x),
	LeakyRelu: (context, x) =>
		unary(context, "LEAKY_RELU", x, [
			"LeakyReluOptions",
			{ alpha: floatAttr(context.node, "leakyrelu_alpha") },
		]),
	GeluExact: (context, x) => unary(context, "GELU", x, ["GeluOptions", {}]),
	GeluApproximate: (context, x) =>
		unary(context, "GELU", x, ["GeluOptions", { approximate: true }]),
};

/** Applies the steps of a fused op after its product; their arguments stand behind its two inputs. */
export function activated(
	context: LiteContext,
	product: LiteValue,
	steps: readonly string[],
	first = 2,
): LiteValue {
	const { input, node, weight } = context;
	let argument = first;
	return steps.reduce((x, step) => {
		if (step === "BiasAdd" || step === "Add")
			return binary(context, "ADD", x, input(argument++));
		if (step !== "FusedBatchNorm") return activate(context, step, x);
		const [scale, offset, mean, variance] = [0, 1, 2, 3].map(() =>
			input(argument++),
		);
		const epsilon = weight(numberTensor("float32", floatAttr(node, "epsilon")));
		const spread = unary(
			context,
			"RSQRT",
			binary(context, "ADD", variance, epsilon),
		);
		const factor = binary(context, "MUL", scale, spread);
		const centred = binary(context, "SUB", x, mean);
		return binary(
			context,
			"ADD",
			binary(context, "MUL", centred, factor),
			offset,
		);
	}, product);
}
