import { floatAttr } from "../../../../graph/attrs.js";
import type { activationOps } from "../../../../ops/math/activation.js";
import { DTYPES } from "../../../../tensor/dtype.js";
import { type Arithmetic, arithmetic } from "../../arithmetic.js";
import type {
	LiteContext,
	LiteLowering,
	LiteTable,
	LiteValue,
} from "../../lowering.js";
import { unary } from "../rows.js";

type Formula = (x: LiteValue, math: Arithmetic) => LiteValue;

function of(formula: Formula): LiteLowering {
	return (context) => formula(context.input(0), arithmetic(context));
}

function isReal({ inputs: [{ dtype }] }: LiteContext): boolean {
	const { kind } = DTYPES[dtype];
	return kind === "float" || kind === "half";
}

const relu: LiteLowering = (context) =>
	isReal(context)
		? unary(context, "RELU", context.input(0))
		: arithmetic(context).max(context.input(0), 0);

const relu6: LiteLowering = (context) => {
	if (isReal(context)) return unary(context, "RELU6", context.input(0));
	const { max, min } = arithmetic(context);
	return min(max(context.input(0), 0), 6);
};

const leaky: LiteLowering = (context) =>
	unary(context, "LEAKY_RELU", context.input(0), [
		"LeakyReluOptions",
		{ alpha: floatAttr(context.node, "alpha") },
	]);

/** Constants of core/kernels/relu_op_functor.h. */
const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.7580993408473768;

export const activationRows: LiteTable<typeof activationOps> = {
	Relu: relu,
	Relu6: relu6,
	LeakyRelu: leaky,
	Elu: (context) => unary(context, "ELU", context.input(0)),
	Selu: of((x, { of: op, max, min, mul, sub, add }) =>
		add(
			mul(max(x, 0), SELU_SCALE),
			mul(sub(op("EXP", min(x, 0)), 1), SELU_ALPHA),
		),
	),
	Softplus: of((x, { of: op, max, add }) =>
		add(max(x, 0), op("LOG", add(op("EXP", op("NEG", op("ABS", x))), 1))),
	),
	Softsign: of((x, { of: op, div, add }) => div(x, add(op("ABS", x), 1))),
};
