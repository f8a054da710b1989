import type { ComplexFunction, ComplexPair, Target } from "./elements.js";

/** Arithmetic and elementary functions of one complex number (Kahan, "Branch cuts for complex elementary functions", 1987). */

export const multiply: ComplexPair = (a, b, c, d, to) => {
	to[0] = a * c - b * d;
	to[1] = a * d + b * c;
};

/** By Smith's method, which neither overflows nor underflows in between. */
export const divide: ComplexPair = (a, b, c, d, to) => {
	if (Math.abs(c) >= Math.abs(d)) {
		const ratio = c === 0 && d === 0 ? 0 : d / c;
		const scale = c + d * ratio;
		to[0] = (a + b * ratio) / scale;
		to[1] = (b - a * ratio) / scale;
	} else {
		const ratio = c / d;
		const scale = c * ratio + d;
		to[0] = (a * ratio + b) / scale;
		to[1] = (b * ratio - a) / scale;
	}
};

export const squareRoot: ComplexFunction = (a, b, to) => {
	if (a === 0 && b === 0) {
		to[0] = 0;
		to[1] = b;
		return;
	}
	if (Math.abs(b) === Infinity) {
		to[0] = Infinity;
		to[1] = b;
		return;
	}
	const size = Math.sqrt((Math.abs(a) + Math.hypot(a, b)) / 2);
	const other = size === 0 ? 0 : b / (2 * size);
	to[0] = a >= 0 ? size : Math.abs(other);
	to[1] = a >= 0 ? other : b < 0 || Object.is(b, -0) ? -size : size;
};

export const exponential: ComplexFunction = (a, b, to) => {
	const size = Math.exp(a);
	if (Math.abs(a) === Infinity && !Number.isFinite(b)) {
		to[0] = size;
		to[1] = a < 0 ? 0 : Number.NaN;
		return;
	}
	to[0] = b === 0 ? size : size * Math.cos(b);
	to[1] = b === 0 ? b : size * Math.sin(b);
};

export const logarithm: ComplexFunction = (a, b, to) => {
	const angle = Math.atan2(b, a);
	to[0] = Math.log(Math.hypot(a, b));
	to[1] = angle;
};

export const sine: ComplexFunction = (a, b, to) => {
	const [real, imaginary] = [
		Math.sin(a) * Math.cosh(b),
		Math.cos(a) * Math.sinh(b),
	];
	to[0] = real;
	to[1] = imaginary;
};

export const cosine: ComplexFunction = (a, b, to) => {
	const [real, imaginary] = [
		Math.cos(a) * Math.cosh(b),
		-Math.sin(a) * Math.sinh(b),
	];
	to[0] = real;
	to[1] = imaginary;
};

export const hyperbolicSine: ComplexFunction = (a, b, to) => {
	const [real, imaginary] = [
		Math.sinh(a) * Math.cos(b),
		Math.cosh(a) * Math.sin(b),
	];
	to[0] = real;
	to[1] = imaginary;
};

export const hyperbolicTangent: ComplexFunction = (a, b, to) => {
	// beyond this the tangent is ±1 and the quotient below would be of infinities
	if (Math.abs(a) > 350) {
		to[0] = Math.sign(a);
		to[1] = 0;
		return;
	}
	const scale = Math.cosh(2 * a) + Math.cos(2 * b);
	to[0] = Math.sinh(2 * a) / scale;
	to[1] = Math.sin(2 * b) / scale;
};

/** cosh z = cos iz */
export const hyperbolicCosine: ComplexFunction = (a, b, to) =>
	cosine(-b, a, to);

/** tan z = -i tanh iz */
export const tangent: ComplexFunction = (a, b, to) => {
	hyperbolicTangent(-b, a, to);
	[to[0], to[1]] = [to[1], -to[0]];
};

/** asinh z = log(z + √(z² + 1)), of the half plane where that loses no digits. */
export const inverseHyperbolicSine: ComplexFunction = (a, b, to) => {
	const sign = a < 0 || Object.is(a, -0) ? -1 : 1;
	const [x, y] = [sign * a, sign * b];
	multiply(x, y, x, y, to);
	squareRoot(to[0] + 1, to[1], to);
	logarithm(x + to[0], y + to[1], to);
	scale(to, sign);
};

/** acosh z = 2 log(√((z + 1) / 2) + √((z − 1) / 2)) */
export const inverseHyperbolicCosine: ComplexFunction = (a, b, to) => {
	squareRoot((a + 1) / 2, b / 2, to);
	const [real, imaginary] = to;
	squareRoot((a - 1) / 2, b / 2, to);
	logarithm(real + to[0], imaginary + to[1], to);
	scale(to, 2);
};

/** atanh z = (log(1 + z) − log(1 − z)) / 2 */
export const inverseHyperbolicTangent: ComplexFunction = (a, b, to) => {
	logarithm(1 + a, b, to);
	const [real, imaginary] = to;
	logarithm(1 - a, -b, to);
	to[0] = (real - to[0]) / 2;
	to[1] = (imaginary - to[1]) / 2;
};

/** asin z = -i asinh iz */
export const inverseSine = turned(inverseHyperbolicSine);
/** atan z = -i atanh iz */
export const inverseTangent = turned(inverseHyperbolicTangent);
/** acos z = π/2 − asin z */
export const inverseCosine: ComplexFunction = (a, b, to) => {
	inverseSine(a, b, to);
	to[0] = Math.PI / 2 - to[0];
	to[1] = -to[1];
};

/** 1 / (1 + e^-z) */
export const logistic: ComplexFunction = (a, b, to) => {
	exponential(-a, -b, to);
	divide(1, 0, 1 + to[0], to[1], to);
};

/** e^z − 1, without a loss near 0. */
export const exponentialLessOne: ComplexFunction = (a, b, to) => {
	const half = Math.sin(b / 2);
	const size = Math.expm1(a);
	to[0] = size * Math.cos(b) - 2 * half * half;
	to[1] = (size + 1) * Math.sin(b);
};

/** log(1 + z), without a loss near 0. */
export const logarithmOfOnePlus: ComplexFunction = (a, b, to) => {
	const isNear = Math.abs(a) < 0.5 && Math.abs(b) < 0.5;
	const size = isNear
		? Math.log1p(a * (2 + a) + b * b) / 2
		: Math.log(Math.hypot(1 + a, b));
	to[0] = size;
	to[1] = size === -Infinity ? Number.NaN : Math.atan2(b, 1 + a);
};

/** e^(w log z) */
export const power: ComplexPair = (a, b, c, d, to) => {
	logarithm(a, b, to);
	multiply(to[0], to[1], c, d, to);
	exponential(to[0], to[1], to);
};

/** f(iz) / i for an odd function f. */
function turned(compute: ComplexFunction): ComplexFunction {
	return (a, b, to) => {
		compute(-b, a, to);
		[to[0], to[1]] = [to[1], -to[0]];
	};
}

function scale(to: Target, factor: number): void {
	to[0] *= factor;
	to[1] *= factor;
}
