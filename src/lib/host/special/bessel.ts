/** Bessel functions of order 0 and 1; formulas by their numbers in Abramowitz and Stegun (1964). */
export type Order = 0 | 1;

const EULER = 0.5772156649015329;
/** From here on the asymptotic series of J and Y are exact to double precision, before it other forms are. */
const FAR = 25;

/** From here on that of I is, for which the integral would need ever more steps. */
const FAR_GROWING = 1000;
/** Below this, K is its pole to double precision. */
const AT_POLE = 1e-150;

/** I(x) e^−|x|, as the integral of 9.6.19 by the trapezoidal rule, which is exact for what is periodic. */
export function scaledI(order: Order, x: number): number {
	const size = Math.abs(x);
	if (size === Infinity) return 0;
	if (Number.isNaN(x)) return x;
	if (size > FAR_GROWING) {
		const value = farGrowing(order, size);
		return order === 1 && x < 0 ? -value : value;
	}
	const steps = 32 + Math.ceil(8 * Math.sqrt(size));
	let sum = 0;
	for (let k = 0; k < steps; k++) {
		const angle = (Math.PI * (k + 0.5)) / steps;
		const cosine = Math.cos(angle);
		sum += Math.exp(size * (cosine - 1)) * (order === 0 ? 1 : cosine);
	}
	return (order === 1 && x < 0 ? -sum : sum) / steps;
}

/** K(x) e^x, infinite for what is not positive: as the integral of 9.6.24 by the trapezoidal rule, whose ends vanish. */
export function scaledK(order: Order, x: number): number {
	if (x <= 0) return Infinity;
	if (Number.isNaN(x)) return x;
	if (x < AT_POLE) return order === 0 ? -Math.log(x / 2) - EULER : 1 / x;
	const end = Math.acosh(1 + 745 / x);
	const step = Math.min(1 / 16, end / 64);
	let sum = 0.5;
	for (let t = step; t < end; t += step) {
		const cosh = Math.cosh(t);
		sum += Math.exp(x * (1 - cosh)) * (order === 0 ? 1 : cosh);
	}
	return sum * step;
}

/** J(x), NaN at infinity: as the integral of 9.1.21. */
export function besselJ(order: Order, x: number): number {
	const size = Math.abs(x);
	if (size === Infinity) return Number.NaN;
	if (size > FAR) {
		const value = far(order, size, false);
		return order === 1 && x < 0 ? -value : value;
	}
	const steps = 64;
	let sum = 0;
	for (let k = 0; k < steps; k++) {
		const angle = (Math.PI * (k + 0.5)) / steps;
		sum += Math.cos(order * angle - x * Math.sin(angle));
	}
	return sum / steps;
}

/** Y(x), negative infinity for what is not positive: by the series 9.1.11. */
export function besselY(order: Order, x: number): number {
	if (x <= 0) return -Infinity;
	if (!(x < Infinity)) return Number.NaN;
	if (x > FAR) return far(order, x, true);
	const quarter = (x * x) / 4;
	let term = order === 0 ? 1 : x / 2;
	let harmonic = order === 0 ? 0 : 1;
	let sum = term * harmonic;
	for (let k = 1; k < 120; k++) {
		term *= -quarter / (k * (k + order));
		harmonic += order === 0 ? 1 / k : 1 / k + 1 / (k + 1);
		sum += term * harmonic;
	}
	const near = (2 / Math.PI) * (Math.log(x / 2) + EULER) * besselJ(order, x);
	return order === 0
		? near - (2 / Math.PI) * sum
		: near - 2 / (Math.PI * x) - sum / Math.PI;
}

/** The expansion 9.7.1 for large x. */
function farGrowing(order: Order, x: number): number {
	let [sum, term] = [0, 1];
	for (let k = 0; k < 10; k++) {
		sum += term;
		term *= ((2 * k + 1) ** 2 - 4 * order * order) / ((k + 1) * 8 * x);
	}
	return sum / Math.sqrt(2 * Math.PI * x);
}

/** Hankel's expansions 9.2.5 and 9.2.6, until their terms grow. */
function far(order: Order, x: number, isSecond: boolean): number {
	let [p, q, term] = [0, 0, 1];
	for (let k = 0; k < 40; k++) {
		const sign = k % 4 < 2 ? 1 : -1;
		if (k % 2 === 0) p += sign * term;
		else q += sign * term;
		const next =
			(term * (4 * order * order - (2 * k + 1) ** 2)) / ((k + 1) * 8 * x);
		if (Math.abs(next) > Math.abs(term)) break;
		term = next;
	}
	const angle = x - (order / 2 + 0.25) * Math.PI;
	const [c, s] = [Math.cos(angle), Math.sin(angle)];
	return (
		Math.sqrt(2 / (Math.PI * x)) * (isSecond ? p * s + q * c : p * c - q * s)
	);
}
