import { dtypeAttr, floatAttr } from "../../../graph/attrs.js";
import type { mathOps } from "../../../ops/math.js";
import { isStatic } from "../../../ops/shapes.js";
import { DTYPES, type DType } from "../../../tensor/dtype.js";
import { numberTensor } from "../../../tensor/numbers.js";
import { narrowed, unfit, wraps } from "../arithmetic.js";
import { float, type } from "../attrs.js";
import type { WebContext, WebLowering, WebTable } from "../lowering.js";
import { narrowStorage } from "../storage.js";
import { bitwise, inverted } from "./bits.js";
import { extreme, sign } from "./extremes.js";
import { fakeQuantized } from "./fake-quant.js";
import { power } from "./power.js";
import { magnitude, truncated, truncatedRest } from "./quotient.js";
import { passed, same, withAttrs } from "./rows.js";

/** Where shapes do not broadcast, TensorFlow.js fails, and TensorFlow where it is asked to. */
const comparison = same();

const truncatedQuotient: WebLowering = (context) =>
	truncated(context, context.input(0), context.input(1));

const restOfTruncated: WebLowering = (context) =>
	truncatedRest(context, context.input(0), context.input(1));

const absolute: WebLowering = (context) =>
	isReal(context) ? same()(context) : magnitude(context, context.input(0));

const division: WebLowering = (context) =>
	(isReal(context) ? same("RealDiv") : truncatedQuotient)(context);

/** The WebAssembly kernel divides floats, which sizes are small enough for. */
const floorDivision: WebLowering = ({ node, inputs, input, emit, isSize }) =>
	emit(
		"FloorDiv",
		[input(0), input(1)],
		node.inputs.every((_, i) => isSize(i)) ? {} : { T: type(inputs[0].dtype) },
	);

/** A condition of fewer axes than what it chooses from stands for its first ones. */
const select: WebLowering = (context) => {
	const { inputs, input, emit, ints } = context;
	const ranks = inputs.map(({ shape }) => shape?.length);
	const missing =
		ranks[0] === undefined || ranks[1] === undefined
			? undefined
			: ranks[1] - ranks[0];
	if (missing === undefined)
		throw unfit("TensorFlow.js must know how many axes the condition has");
	const condition =
		missing === 0 || ranks[0] === 0
			? input(0)
			: emit("Reshape", [
					input(0),
					ints([-1, ...new Array<number>(missing).fill(1)]),
				]);
	return emit("SelectV2", [condition, input(1), input(2)], {
		T: type(inputs[1].dtype),
	});
};

const choice = withAttrs((node) => ({ T: type(dtypeAttr(node, "T")) }));

/** Bounds are numbers for ClipByValue of TensorFlow.js, and may be tensors for TensorFlow's. */
const clip: WebLowering = (context) => {
	const { emit, input } = context;
	return emit("Maximum", [emit("Minimum", [input(0), input(2)]), input(1)]);
};

const softsign: WebLowering = ({ emit, input, weight, inputs }) => {
	const one = weight(numberTensor(inputs[0].dtype, 1));
	return emit("RealDiv", [
		input(0),
		emit("AddV2", [emit("Abs", [input(0)]), one]),
	]);
};

/** TensorFlow.js repeats neither part. */
const complex: WebLowering = ({ inputs, input, emit }) => {
	const [re, im] = [input(0), input(1)];
	const shapes = inputs.map(({ shape }) => shape);
	if (isStatic(shapes[0]) && shapes[0].join() === shapes[1]?.join())
		return emit("Complex", [re, im]);
	return emit("Complex", [
		emit("AddV2", [re, emit("ZerosLike", [im])]),
		emit("AddV2", [im, emit("ZerosLike", [re])]),
	]);
};

const angle: WebLowering = ({ emit, input }) =>
	emit("Atan2", [emit("Imag", [input(0)]), emit("Real", [input(0)])]);

const conjugate: WebLowering = (context) => {
	const { emit, input, inputs } = context;
	if (DTYPES[inputs[0].dtype].kind !== "complex") return passed(context);
	return emit("Complex", [
		emit("Real", [input(0)]),
		emit("Neg", [emit("Imag", [input(0)])]),
	]);
};

/** Between types of TensorFlow.js; those that it holds in others must fit into them. */
const cast: WebLowering = (context) => {
	const { node, inputs, input, emit, weight } = context;
	const [from, to] = [inputs[0].dtype, dtypeAttr(node, "DstT")];
	if (
		to === "int64" &&
		!isWhole(from) &&
		!context.isSize(0) &&
		!context.mayNarrow("int64")
	)
		throw unfit(
			`TensorFlow.js holds int64 in 32 bits, and a ${from} may not fit`,
		);
	// the WebAssembly kernel cuts numbers to a byte
	if (to === "bool" && from !== "bool")
		return emit("NotEqual", [input(0), weight(numberTensor(from, 0))]);
	const made = emit("Cast", [input(0)], { DstT: type(to) });
	return from === "bool" ? made : narrowed(context, made, to);
};

/** Whether a type has whole numbers of at most 32 bits, as TensorFlow.js holds them. */
function isWhole(dtype: DType): boolean {
	return narrowStorage(dtype) === "int32" || dtype === "bool";
}

function isReal({ inputs }: WebContext): boolean {
	const { kind } = DTYPES[inputs[0].dtype];
	return kind === "float" || kind === "half" || kind === "complex";
}

/** Functions that TensorFlow.js computes in floating point. */
const real: WebLowering = (context) => {
	if (!isReal(context))
		throw unfit("TensorFlow.js computes it in floating point");
	return same()(context);
};

export const mathRows: WebTable<typeof mathOps> = {
	Abs: wraps(absolute),
	Neg: wraps(same()),
	Sign: sign,
	Square: wraps(same()),
	Reciprocal: real,
	Sqrt: real,
	Rsqrt: real,
	Exp: real,
	Expm1: real,
	Log: real,
	Log1p: real,
	Floor: real,
	Ceil: real,
	Round: real,
	Sin: real,
	Cos: real,
	Tan: real,
	Asin: real,
	Acos: real,
	Atan: real,
	Sinh: real,
	Cosh: real,
	Tanh: real,
	Asinh: real,
	Acosh: real,
	Atanh: real,
	Sigmoid: real,
	Erf: real,
	IsNan: real,
	IsInf: real,
	IsFinite: real,
	Add: wraps(same()),
	AddV2: wraps(same()),
	AddN: wraps(same()),
	Sub: wraps(same()),
	Mul: wraps(same()),
	Div: wraps(division),
	RealDiv: division,
	FloorDiv: wraps(floorDivision),
	FloorMod: same(),
	TruncateDiv: wraps(truncatedQuotient),
	TruncateMod: restOfTruncated,
	Maximum: extreme,
	Minimum: extreme,
	ClipByValue: clip,
	Pow: power,
	SquaredDifference: wraps(same()),
	Atan2: real,
	BitwiseAnd: bitwise("Mul"),
	BitwiseOr: bitwise("Maximum"),
	BitwiseXor: bitwise("NotEqual"),
	Invert: inverted,
	Equal: comparison,
	NotEqual: comparison,
	Less: comparison,
	LessEqual: comparison,
	Greater: comparison,
	GreaterEqual: comparison,
	LogicalAnd: same(),
	LogicalOr: same(),
	LogicalNot: same(),
	Select: select,
	SelectV2: choice,
	Relu: same(),
	Relu6: same(),
	LeakyRelu: withAttrs((node) => ({ alpha: float(floatAttr(node, "alpha")) })),
	Elu: real,
	Selu: real,
	Softplus: real,
	Softsign: softsign,
	Cast: cast,
	Complex: complex,
	Real: same(),
	Imag: same(),
	ComplexAbs: same(),
	Angle: angle,
	Conj: conjugate,
	FakeQuantWithMinMaxVars: fakeQuantized,
	FakeQuantWithMinMaxVarsPerChannel: fakeQuantized,
};
