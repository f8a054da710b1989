import { logGamma } from "../math/log-gamma.js";

/** Incomplete gamma and beta functions; series and fractions by their numbers in the NIST handbook (dlmf.nist.gov). */

const EPSILON = 2 ** -53;
const TINY = 1e-300;
const MOST_TERMS = 10_000;

/** The lower part of the gamma function, divided by all of it: P(a, x). Corners as Eigen answers them. */
export function lowerGamma(a: number, x: number): number {
	if (x === 0) return 0;
	if (!(x > 0) || !(a > 0)) return Number.NaN;
	if (a === Infinity) return 0;
	if (x === Infinity) return 1;
	return x > 1 && x > a ? 1 - gammaFraction(a, x) : gammaSeries(a, x);
}

/** The upper part: Q(a, x). */
export function upperGamma(a: number, x: number): number {
	if (!(x >= 0) || !(a > 0)) return Number.NaN;
	if (a === Infinity) return x === Infinity ? 0 : 1;
	if (x === Infinity) return 0;
	if (x === 0) return 1;
	return x < 1 || x < a ? 1 - gammaSeries(a, x) : gammaFraction(a, x);
}

/** 8.7.1 */
function gammaSeries(a: number, x: number): number {
	let term = 1 / a;
	let sum = term;
	for (let k = 1; k < MOST_TERMS && term > sum * EPSILON; k++) {
		term *= x / (a + k);
		sum += term;
	}
	return sum * Math.exp(a * Math.log(x) - x - logGamma(a));
}

/** 8.9.2, by Lentz's method. */
function gammaFraction(a: number, x: number): number {
	let b = x + 1 - a;
	let c = 1 / TINY;
	let d = 1 / nonZero(b);
	let value = d;
	for (let k = 1; k < MOST_TERMS; k++) {
		const factor = k * (a - k);
		b += 2;
		d = 1 / nonZero(factor * d + b);
		c = nonZero(b + factor / c);
		value *= d * c;
		if (Math.abs(d * c - 1) < EPSILON * 4) break;
	}
	return value * Math.exp(a * Math.log(x) - x - logGamma(a));
}

/** The regularized incomplete beta function I(x; a, b), 8.17.22; corners as Eigen answers them. */
export function incompleteBeta(a: number, b: number, x: number): number {
	if (a <= 0 || b <= 0 || !(x >= 0) || !(x <= 1)) return Number.NaN;
	if (x === 0 || x === 1) return x;
	if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
	const front = Math.exp(
		logGamma(a + b) -
			logGamma(a) -
			logGamma(b) +
			a * Math.log(x) +
			b * Math.log1p(-x),
	);
	return x < (a + 1) / (a + b + 2)
		? (front * betaFraction(a, b, x)) / a
		: 1 - (front * betaFraction(b, a, 1 - x)) / b;
}

function betaFraction(a: number, b: number, x: number): number {
	let c = 1;
	let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
	let value = d;
	for (let m = 1; m < MOST_TERMS; m++) {
		const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
		const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
		d = 1 / nonZero(1 + even * d);
		c = nonZero(1 + even / c);
		value *= d * c;
		d = 1 / nonZero(1 + odd * d);
		c = nonZero(1 + odd / c);
		value *= d * c;
		if (Math.abs(d * c - 1) < EPSILON * 4) break;
	}
	return value;
}

function nonZero(value: number): number {
	return Math.abs(value) < TINY ? TINY : value;
}
