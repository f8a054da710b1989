const EULER = 0.5772156649015329;

/** e^−x² times the integral of e^t²: Rybicki's sum (Computers in Physics 3, 1989). */
export function dawson(x: number): number {
	const size = Math.abs(x);
	if (size === Infinity) return 1 / x;
	const step = 0.2;
	const center = 2 * Math.round(size / (2 * step));
	let sum = 0;
	// e^−(40 · 0.2)² is as nothing
	for (let k = -41; k <= 41; k += 2)
		sum += Math.exp(-((size - (center + k) * step) ** 2)) / (center + k);
	const value = sum / Math.sqrt(Math.PI);
	return x < 0 ? -value : value;
}

/** The integral of e^t / t from −∞ to x, for positive x. */
export function exponentialIntegral(x: number): number {
	if (x === 0) return -Infinity;
	if (!(x > 0) || x === Infinity) return Number.NaN;
	let [sum, term] = [0, 1];
	if (x < 40) {
		for (let k = 1; k < 200; k++) {
			term *= x / k;
			sum += term / k;
		}
		return EULER + Math.log(x) + sum;
	}
	for (let k = 1; k < 40; k++) {
		sum += term;
		term *= k / x;
	}
	return (Math.exp(x) / x) * sum;
}

/** The integrals of cos(πt²/2) and sin(πt²/2) from 0 to x. */
export function fresnel(x: number): { cosine: number; sine: number } {
	const size = Math.abs(x);
	if (size === Infinity)
		return { cosine: x > 0 ? 0.5 : -0.5, sine: x > 0 ? 0.5 : -0.5 };
	const { cosine, sine } = size < 2.6 ? fresnelSeries(size) : fresnelFar(size);
	return x < 0 ? { cosine: -cosine, sine: -sine } : { cosine, sine };
}

function fresnelSeries(x: number): { cosine: number; sine: number } {
	const angle = (Math.PI / 2) * x * x;
	let [cosine, sine, term] = [0, 0, x];
	for (let k = 0; k < 60; k++) {
		const sign = k % 4 < 2 ? 1 : -1;
		if (k % 2 === 0) cosine += (sign * term) / (2 * k + 1);
		else sine += (sign * term) / (2 * k + 1);
		term *= angle / (k + 1);
	}
	return { cosine, sine };
}

/** The auxiliary functions of 7.12.2 and 7.12.3 in the NIST handbook, until their terms grow. */
function fresnelFar(x: number): { cosine: number; sine: number } {
	const square = Math.PI * x * x;
	let [f, g, term] = [0, 0, 1 / (Math.PI * x)];
	for (let k = 0; k < 20; k++) {
		const sign = k % 4 < 2 ? 1 : -1;
		if (k % 2 === 0) f += sign * term;
		else g += sign * term;
		const next = (term * (2 * k + 1)) / square;
		if (next > term) break;
		term = next;
	}
	const [c, s] = [Math.cos(square / 2), Math.sin(square / 2)];
	return { cosine: 0.5 + f * s - g * c, sine: 0.5 - f * c - g * s };
}

/** The integral of log t / (1 − t) from 1 to x: the dilogarithm of 1 − x. */
export function spence(x: number): number {
	if (!(x >= 0) || x === Infinity) return Number.NaN;
	if (x === 0) return Math.PI ** 2 / 6;
	const log = Math.log(x);
	if (x > 1.5) return -(log * log) / 2 - spence(1 / x);
	if (x < 0.5) return Math.PI ** 2 / 6 - log * Math.log1p(-x) - spence(1 - x);
	let [sum, power] = [0, 1];
	for (let k = 1; k < 80; k++) {
		power *= 1 - x;
		sum += power / (k * k);
	}
	return sum;
}
