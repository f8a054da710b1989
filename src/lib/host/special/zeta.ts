import { logGamma } from "../math/log-gamma.js";

/** B(2k) / (2k)!, for the tail of Euler and Maclaurin's formula. */
const BERNOULLI = [
	1 / 12,
	-1 / 720,
	1 / 30240,
	-1 / 1209600,
	1 / 47900160,
	-691 / 1307674368000,
	1 / 74724249600,
	-3617 / 10670622842880000,
];
/** Terms that are added up before the tail. */
const SUMMED = 12;

/** Hurwitz's zeta function, the sum of (q + k)^−x; corners as Eigen answers them. */
export function hurwitzZeta(x: number, q: number): number {
	if (x === 1) return Infinity;
	if (!(x > 1) || Number.isNaN(q)) return Number.NaN;
	if (q <= 0) {
		if (q === Math.floor(q)) return x % 2 === 0 ? Infinity : Number.NaN;
		if (x !== Math.floor(x)) return Number.NaN;
	}
	if (q < -SUMMED) return beforeZero(x, q);
	let sum = 0;
	let place = q;
	for (let k = 0; k < SUMMED || place < SUMMED; k++) {
		sum += place ** -x;
		place++;
	}
	sum += place ** (1 - x) / (x - 1) + place ** -x / 2;
	let factor = x * place ** (-x - 1);
	for (const [k, coefficient] of BERNOULLI.entries()) {
		sum += coefficient * factor;
		factor *= ((x + 2 * k + 1) * (x + 2 * k + 2)) / (place * place);
	}
	return sum;
}

/**
 * For a whole x: the terms below zero, counted from there, are two series of positive ones, (1 − f + j)^−x without those
 * beyond q, where f is how far q is from the whole number below. There may be 2^52 of them.
 */
function beforeZero(x: number, q: number): number {
	const rest = q - Math.floor(q);
	const below = hurwitzZeta(x, 1 - rest) - hurwitzZeta(x, 1 - q);
	return hurwitzZeta(x, rest) + (x % 2 === 0 ? below : -below);
}

/** The derivative of order n of the digamma function. */
export function polygamma(n: number, x: number): number {
	if (n !== Math.floor(n) || n < 0) return Number.NaN;
	if (n === 0) return digamma(x);
	const factorial = Math.exp(logGamma(n + 1));
	return (n % 2 === 0 ? -1 : 1) * factorial * hurwitzZeta(n + 1, x);
}

/** The slope of the logarithm of the gamma function: raised to where the asymptotic series holds. */
function digamma(x: number): number {
	if (x <= 0) {
		if (x === Math.floor(x)) return Number.NaN;
		return digamma(1 - x) - Math.PI / Math.tan(Math.PI * x);
	}
	let shift = 0;
	let place = x;
	for (; place < 10; place++) shift -= 1 / place;
	const square = 1 / (place * place);
	const tail =
		square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square / 240)));
	return shift + Math.log(place) - 0.5 / place - tail;
}
