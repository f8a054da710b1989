import { canBroadcast } from "../../ops/math/comparison.js";
import { broadcast } from "../../ops/shapes.js";
import { numberTensor } from "../../tensor/numbers.js";
import { elementCount } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import { complexBinary, complexUnary, eachPair } from "./elements.js";
import {
	cosine,
	divide,
	exponential,
	exponentialLessOne,
	hyperbolicCosine,
	hyperbolicSine,
	hyperbolicTangent,
	inverseCosine,
	inverseHyperbolicCosine,
	inverseHyperbolicSine,
	inverseHyperbolicTangent,
	inverseSine,
	inverseTangent,
	logarithm,
	logarithmOfOnePlus,
	logistic,
	multiply,
	power,
	sine,
	squareRoot,
	tangent,
} from "./numbers.js";

const add = complexBinary((a, b, c, d, to) => {
	to[0] = a + c;
	to[1] = b + d;
});

const addMany: HostKernel = (node, [first, ...rest]) =>
	rest.reduce<ReturnType<HostKernel>>(
		(total, next) => total && add(node, [total[0], next]),
		[first],
	);

/** One number for each channel, which is the last axis unless `data_format` says that it follows the batch. */
const addBias: HostKernel = (node, [x, bias]) => {
	const isSecond = node.attrs.data_format === "NCHW";
	const behind = isSecond ? x.shape.slice(2).map(() => 1) : [];
	return add(node, [x, { ...bias, shape: [...bias.shape, ...behind] }]);
};

/** Shapes that do not broadcast are unequal. */
function equality(isEqual: boolean): HostKernel {
	return (_, [x, y]) => {
		if (!canBroadcast(x.shape, y.shape))
			return [numberTensor("bool", Number(!isEqual))];
		const shape = broadcast(x.shape, y.shape) as readonly number[];
		const data = new Uint8Array(elementCount(shape));
		eachPair(x, y, shape, (a, b, c, d, at) => {
			data[at] = Number((a === c && b === d) === isEqual);
		});
		return [{ dtype: "bool", shape, data }];
	};
}

const quotient = complexBinary(divide);

/** Element by element; the real part's rules hold for each part where nothing else is said. */
export const complexArithmetic: Readonly<Record<string, HostKernel>> = {
	Add: add,
	AddV2: add,
	AddN: addMany,
	BiasAdd: addBias,
	Sub: complexBinary((a, b, c, d, to) => {
		to[0] = a - c;
		to[1] = b - d;
	}),
	Mul: complexBinary(multiply),
	Div: quotient,
	RealDiv: quotient,
	Pow: complexBinary(power),
	/** The conjugate of the difference times the difference (cwise_ops.h). */
	SquaredDifference: complexBinary((a, b, c, d, to) => {
		to[0] = (a - c) ** 2 + (b - d) ** 2;
		to[1] = 0;
	}),
	Equal: equality(true),
	NotEqual: equality(false),
	Neg: complexUnary((a, b, to) => {
		to[0] = -a;
		to[1] = -b;
	}),
	Conj: complexUnary((a, b, to) => {
		to[0] = a;
		to[1] = -b;
	}),
	Square: complexUnary((a, b, to) => multiply(a, b, a, b, to)),
	/** z / |z| */
	Sign: complexUnary((a, b, to) => {
		const size = Math.hypot(a, b);
		to[0] = size === 0 ? 0 : a / size;
		to[1] = size === 0 ? 0 : b / size;
	}),
	Reciprocal: complexUnary((a, b, to) => divide(1, 0, a, b, to)),
	Sqrt: complexUnary(squareRoot),
	Rsqrt: complexUnary((a, b, to) => {
		squareRoot(a, b, to);
		divide(1, 0, to[0], to[1], to);
	}),
	Exp: complexUnary(exponential),
	Expm1: complexUnary(exponentialLessOne),
	Log: complexUnary(logarithm),
	Log1p: complexUnary(logarithmOfOnePlus),
	Sin: complexUnary(sine),
	Cos: complexUnary(cosine),
	Tan: complexUnary(tangent),
	Asin: complexUnary(inverseSine),
	Acos: complexUnary(inverseCosine),
	Atan: complexUnary(inverseTangent),
	Sinh: complexUnary(hyperbolicSine),
	Cosh: complexUnary(hyperbolicCosine),
	Tanh: complexUnary(hyperbolicTangent),
	Asinh: complexUnary(inverseHyperbolicSine),
	Acosh: complexUnary(inverseHyperbolicCosine),
	Atanh: complexUnary(inverseHyperbolicTangent),
	Sigmoid: complexUnary(logistic),
};
