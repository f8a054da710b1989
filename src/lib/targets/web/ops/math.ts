import { dtypeAttr, floatAttr } from "../../../graph/attrs.js";
import type { mathOps } from "../../../ops/math.js";
import { DTYPES } from "../../../tensor/dtype.js";
import { numberTensor } from "../../../tensor/numbers.js";
import { unfit, wraps } from "../arithmetic.js";
import { float, type } from "../attrs.js";
import {
	unsupported,
	type WebContext,
	type WebLowering,
	type WebTable,
} from "../lowering.js";
import { passed, same, withAttrs } from "./rows.js";

/** Where shapes do not broadcast, TensorFlow.js fails, and TensorFlow where it is asked to. */
const comparison = same();

/** TensorFlow.js divides whole numbers downwards. */
const division: WebLowering = (context) => {
	if (!isReal(context))
		throw unfit("TensorFlow.js rounds quotients of whole numbers down");
	return same("RealDiv")(context);
};

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
	return emit("Minimum", [emit("Maximum", [input(0), input(1)]), input(2)]);
};

const softsign: WebLowering = ({ emit, input, weight, inputs }) => {
	const one = weight(numberTensor(inputs[0].dtype, 1));
	return emit("RealDiv", [
		input(0),
		emit("AddV2", [emit("Abs", [input(0)]), one]),
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
	const fits =
		WIDENED[to] === undefined ||
		from === to ||
		from === "bool" ||
		WIDENED[to].includes(from) ||
		(to === "int64" && context.isSize(0));
	if (!fits)
		throw unfit(
			`TensorFlow.js holds ${to} in 32 bits, and a ${from} may not fit`,
		);
	// the WebAssembly kernel cuts numbers to a byte
	if (to === "bool" && from !== "bool")
		return emit("NotEqual", [input(0), weight(numberTensor(from, 0))]);
	return emit("Cast", [input(0)], { DstT: type(to) });
};

/** The types whose values all fit into a type that TensorFlow.js holds in int32. */
const WIDENED: Readonly<Record<string, readonly string[] | undefined>> = {
	int64: ["int32", "uint16", "int16", "uint8", "int8"],
	int16: ["uint8", "int8"],
	uint16: ["uint8"],
	int8: [],
	uint8: [],
};

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

const ignored = unsupported("TensorFlow.js returns its input as it is");

export const mathRows: WebTable<typeof mathOps> = {
	Abs: wraps(same()),
	Neg: wraps(same()),
	Sign: same(),
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
	Div: division,
	RealDiv: division,
	FloorDiv: wraps(floorDivision),
	FloorMod: same(),
	Maximum: same(),
	Minimum: same(),
	ClipByValue: clip,
	Pow: wraps(same()),
	SquaredDifference: wraps(same()),
	Atan2: real,
	BitwiseAnd: unsupported(
		"TensorFlow.js 4.22 looks for its inputs under other names than it reads them",
	),
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
	Complex: same(),
	Real: same(),
	Imag: same(),
	ComplexAbs: same(),
	Angle: angle,
	Conj: conjugate,
	FakeQuantWithMinMaxVars: ignored,
};
