import type { Complex, ComplexNumbers } from "./numbers.js";

type Compute = (n: ComplexNumbers, x: Complex, y: Complex) => Complex;

const square: Compute = (n, x) => n.mul(x, x);

const sin: Compute = (n, { re, im }) => ({
	re: n.real("Mul", n.real("Sin", re), n.real("Cosh", im)),
	im: n.real("Mul", n.real("Cos", re), n.real("Sinh", im)),
});

const cos: Compute = (n, { re, im }) => ({
	re: n.real("Mul", n.real("Cos", re), n.real("Cosh", im)),
	im: n.real("Neg", n.real("Mul", n.real("Sin", re), n.real("Sinh", im))),
});

const sinh: Compute = (n, { re, im }) => ({
	re: n.real("Mul", n.real("Sinh", re), n.real("Cos", im)),
	im: n.real("Mul", n.real("Cosh", re), n.real("Sin", im)),
});

const cosh: Compute = (n, { re, im }) => ({
	re: n.real("Mul", n.real("Cosh", re), n.real("Cos", im)),
	im: n.real("Mul", n.real("Sinh", re), n.real("Sin", im)),
});

/** Of an odd function f: f(x), where x is mirrored to the right first, as differences would eat it up on the left. */
function odd(compute: Compute): Compute {
	return (n, x, y) => {
		const isRight = n.real("GreaterEqual", x.re, n.number(0));
		const sign = n.real("SelectV2", isRight, n.number(1), n.number(-1));
		return n.scale(compute(n, n.scale(x, sign), y), sign);
	};
}

const tanh: Compute = odd((n, x) => {
	// 1 - 2 / (e^2x + 1): nothing overflows to the quotient of infinities
	const twice = n.add(x, x);
	const rest = n.inverse(n.add(n.exp(twice), n.constant(1)));
	return n.sub(n.constant(1), n.add(rest, rest));
});

const asinh: Compute = odd((n, x, y) =>
	n.log(n.add(x, n.sqrt(n.add(square(n, x, y), n.constant(1))))),
);

const acosh: Compute = (n, x) => {
	const roots = n.mul(
		n.sqrt(n.add(x, n.constant(1))),
		n.sqrt(n.sub(x, n.constant(1))),
	);
	return n.log(n.add(x, roots));
};

const atanh: Compute = (n, x) => {
	const difference = n.sub(
		n.log(n.add(n.constant(1), x)),
		n.log(n.sub(n.constant(1), x)),
	);
	return n.scale(difference, n.number(0.5));
};

const asin: Compute = (n, x, y) => n.turnedBack(asinh(n, n.turned(x), y));

/** A number of size 1 in the direction of another, 0 for 0. */
const sign: Compute = (n, x) => {
	const size = n.size(x);
	return {
		re: n.real("DivNoNan", x.re, size),
		im: n.real("DivNoNan", x.im, size),
	};
};

/** Functions of complex numbers by TensorFlow's names of them; `y` is the second operand of those that have one. */
export const COMPLEX_FUNCTIONS: Readonly<Record<string, Compute>> = {
	// TensorFlow.js 4.22 has sums and products of these, which repeat wrongly where shapes differ
	Add: (n, x, y) => n.add(x, y),
	AddV2: (n, x, y) => n.add(x, y),
	Mul: (n, x, y) => n.mul(x, y),
	Sub: (n, x, y) => n.sub(x, y),
	Acos: (n, x, y) => n.sub(n.constant(Math.PI / 2), asin(n, x, y)),
	Acosh: acosh,
	Asin: asin,
	Asinh: asinh,
	Atan: (n, x, y) => n.turnedBack(atanh(n, n.turned(x), y)),
	Atanh: atanh,
	Cos: cos,
	Cosh: cosh,
	Div: (n, x, y) => n.div(x, y),
	Exp: (n, x) => n.exp(x),
	Expm1: (n, x) => n.sub(n.exp(x), n.constant(1)),
	Log: (n, x) => n.log(x),
	Log1p: (n, x) => n.log(n.add(x, n.constant(1))),
	Pow: (n, x, y) => n.exp(n.mul(y, n.log(x))),
	RealDiv: (n, x, y) => n.div(x, y),
	Reciprocal: (n, x) => n.inverse(x),
	Rsqrt: (n, x) => n.inverse(n.sqrt(x)),
	Sigmoid: (n, x) => n.inverse(n.add(n.exp(n.neg(x)), n.constant(1))),
	Sign: sign,
	Sin: sin,
	Sinh: sinh,
	Sqrt: (n, x) => n.sqrt(x),
	Square: square,
	SquaredDifference: (n, x, y) => {
		const { re, im } = n.sub(x, y);
		const size = n.real("AddV2", n.real("Square", re), n.real("Square", im));
		return { re: size, im: n.real("ZerosLike", size) };
	},
	Tan: (n, x, y) => n.turnedBack(tanh(n, n.turned(x), y)),
	Tanh: tanh,
};
