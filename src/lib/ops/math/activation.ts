import { floatAttr } from "../../graph/attrs.js";
import { composite, type OpEntry, primitive } from "../define.js";
import { type Formula, formula } from "../formula.js";
import { sameType } from "./unary.js";

const activation = primitive(sameType);

/** A gradient in terms of two inputs, in the order in which the op takes them. */
function gradient(
	compute: (formula: Formula, first: string, second: string) => string,
) {
	return composite((context) => {
		const [first, second] = context.inputs;
		return [compute(formula(context, context.types[0].dtype), first, second)];
	});
}

/** What Selu multiplies with (Klambauer et al. 2017; kernels/relu_op_functor.h). */
const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

/** Activation functions, and their gradients as models that explain themselves contain them. */
export const activationOps = {
	Relu: activation,
	Relu6: activation,
	LeakyRelu: activation,
	Elu: activation,
	Selu: activation,
	Softplus: activation,
	Softsign: activation,
	SigmoidGrad: gradient(({ mul, sub }, y, dy) => mul(dy, mul(y, sub(1, y)))),
	TanhGrad: gradient(({ mul, sub }, y, dy) => mul(dy, sub(1, mul(y, y)))),
	InvGrad: gradient(({ mul, of }, y, dy) => of("Neg", mul(dy, mul(y, y)))),
	ReciprocalGrad: gradient(({ mul, of }, y, dy) =>
		of("Neg", mul(dy, mul(y, y))),
	),
	SqrtGrad: gradient(({ mul, div }, y, dy) => div(mul(dy, 0.5), y)),
	RsqrtGrad: gradient(({ mul }, y, dy) =>
		mul(mul(dy, -0.5), mul(y, mul(y, y))),
	),
	ReluGrad: gradient(({ where, greater }, dy, x) =>
		where(greater(x, 0), dy, 0),
	),
	Relu6Grad: gradient(({ where, greater, less }, dy, x) =>
		where(greater(x, 0), where(less(x, 6), dy, 0), 0),
	),
	LeakyReluGrad: composite((context) => {
		const { where, greater, mul } = formula(context, context.types[0].dtype);
		const [dy, x] = context.inputs;
		const slope = floatAttr(context.node, "alpha");
		return [where(greater(x, 0), dy, mul(dy, slope))];
	}),
	EluGrad: gradient(({ where, less, mul, add }, dy, y) =>
		where(less(y, 0), mul(dy, add(y, 1)), dy),
	),
	SeluGrad: gradient(({ where, less, mul, add }, dy, y) =>
		where(
			less(y, 0),
			mul(dy, add(y, SELU_SCALE * SELU_ALPHA)),
			mul(dy, SELU_SCALE),
		),
	),
	SoftplusGrad: gradient(({ div, add, of }, dy, x) =>
		div(dy, add(of("Exp", of("Neg", x)), 1)),
	),
	SoftsignGrad: gradient(({ div, add, of }, dy, x) =>
		div(dy, of("Square", add(of("Abs", x), 1))),
	),
} as const satisfies Record<string, OpEntry>;
