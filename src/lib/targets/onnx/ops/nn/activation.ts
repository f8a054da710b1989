import { fail } from "../../../../errors.js";
import { floatAttr } from "../../../../graph/attrs.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";

type Activation = (context: LowerContext, x: OnnxValue) => OnnxValue;

/** What `fused_ops` of TensorFlow's fused operations may end with (kernels/fused_eigen_output_kernels.h). */
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
	Relu: ({ emit }, x) => emit("Relu", [x]),
	Relu6: ({ emit, scalar }, x) =>
		emit("Clip", [x, scalar(x.dtype, 0), scalar(x.dtype, 6)]),
	Elu: ({ emit }, x) => emit("Elu", [x], { alpha: { float: 1 } }),
	LeakyRelu: ({ emit, node }, x) =>
		emit("LeakyRelu", [x], {
			alpha: { float: floatAttr(node, "leakyrelu_alpha") },
		}),
	Sigmoid: ({ emit }, x) => emit("Sigmoid", [x]),
	Tanh: ({ emit }, x) => emit("Tanh", [x]),
	GeluExact: ({ emit }, x) => emit("Gelu", [x]),
	GeluApproximate: ({ emit }, x) => emit("Gelu", [x], { approximate: "tanh" }),
	_FusedHardSwish: ({ emit }, x) => emit("HardSwish", [x]),
	_FusedSwish: ({ emit }, x) => emit("Mul", [x, emit("Sigmoid", [x])]),
};

/** Applies an activation that a fused operation names. */
export function activate(
	context: LowerContext,
	name: string,
	x: OnnxValue,
): OnnxValue {
	const activation = ACTIVATIONS[name];
	if (activation === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot lower the fused operation "${name}": mlship knows ${Object.keys(ACTIVATIONS).join(", ")}`,
		);
	return activation(context, x);
}
