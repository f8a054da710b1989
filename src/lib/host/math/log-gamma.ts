/** Lanczos' approximation of the gamma function with g = 7 and nine terms (Godfrey). */
const G = 7;
const TERMS = [
	0.99999999999980993, 676.5203681218851, -1259.1392167224028,
	771.32342877765313, -176.61502916214059, 12.507343278686905,
	-0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** The logarithm of |Γ(x)|; infinite at 0 and the negative integers. */
export function logGamma(x: number): number {
	if (x === Infinity || x === -Infinity) return Infinity;
	if (x < 0.5)
		return (
			Math.log(Math.PI / Math.abs(Math.sin(Math.PI * (x % 2)))) -
			logGamma(1 - x)
		);
	if (x === 1 || x === 2) return 0;
	const z = x - 1;
	const t = z + G + 0.5;
	const sum = TERMS.reduce((total, term, i) => total + term / (z + i));
	return (
		0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum)
	);
}
