import { composite, type ExpandContext, type OpEntry } from "../define.js";
import { type Formula, formula, type Term } from "../formula.js";

/** A function of one value that is a formula in others. */
function unaryFormula(compute: (formula: Formula, x: string) => string) {
	return composite((context: ExpandContext) => [
		compute(formula(context, context.types[0].dtype), context.inputs[0]),
	]);
}

/** Functions of mathematical physics, as XLA computes them where it says how (xla/hlo/builder/lib/math.cc). */
export const specialOps = {
	Lgamma: unaryFormula(logGamma),
	Digamma: unaryFormula(digamma),
	Erfinv: unaryFormula(inverseErf),
	Ndtri: unaryFormula((f, p) =>
		f.mul(inverseErf(f, f.sub(f.mul(p, 2), 1)), Math.SQRT2),
	),
} as const satisfies Record<string, OpEntry>;

/** Lanczos' approximation of the gamma function with g = 7. */
const LANCZOS_G = 7;
const LANCZOS_BASE = 0.9999999999998099;
const LANCZOS = [
	676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406,
	12.507343278686905, -0.13857109526572012, 9.984369578019572e-6,
	1.5056327351493116e-7,
];

/** What both functions need of x: below 0.5 they are reflected, so that z is never negative. */
interface Lanczos {
	readonly isReflected: string;
	readonly z: string;
	/** z + g + 0.5 */
	readonly t: string;
	readonly logT: string;
}

function lanczos(f: Formula, x: string): Lanczos {
	const isReflected = f.less(x, 0.5);
	const z = f.where(isReflected, f.of("Neg", x), f.sub(x, 1));
	const g = LANCZOS_G + 0.5;
	return {
		isReflected,
		z,
		t: f.add(z, g),
		logT: f.add(f.of("Log1p", f.div(z, g)), Math.log(g)),
	};
}

function logGamma(f: Formula, x: string): string {
	const { isReflected, z, t, logT } = lanczos(f, x);
	const series = LANCZOS.reduce<Term>(
		(sum, coefficient, i) => f.add(sum, f.div(coefficient, f.add(z, i + 1))),
		LANCZOS_BASE,
	) as string;
	const power = f.mul(f.sub(f.add(z, 0.5), f.div(t, logT)), logT);
	const value = f.add(
		f.add(power, Math.log(Math.sqrt(2 * Math.PI))),
		f.of("Log", series),
	);
	// at the poles the sine is 0 and its logarithm gives the infinity
	const reflected = f.sub(
		f.sub(Math.log(Math.PI), f.of("Log", sineOfTurn(f, x))),
		value,
	);
	const finite = f.where(isReflected, reflected, value);
	return f.where(f.of("IsInf", x), Infinity, finite);
}

/** |sin(πx)|, with the whole turns taken off before they cost precision. */
function sineOfTurn(f: Formula, x: string): string {
	const size = f.of("Abs", x);
	const fraction = f.sub(size, f.of("Floor", size));
	const near = f.min(fraction, f.sub(1, fraction));
	return f.of("Sin", f.mul(near, Math.PI));
}

function digamma(f: Formula, x: string): string {
	const { isReflected, z, t, logT } = lanczos(f, x);
	const terms = LANCZOS.map((coefficient, i) => {
		const shifted = f.add(z, i + 1);
		const term = f.div(coefficient, shifted);
		return { term, slope: f.div(term, shifted) };
	});
	const slopes = terms.map(({ slope }) => slope).reduce(f.add);
	const series = f.add(
		terms.map(({ term }) => term).reduce(f.add),
		LANCZOS_BASE,
	);
	const value = f.sub(f.sub(logT, f.div(slopes, series)), f.div(LANCZOS_G, t));
	const turned = f.mul(
		f.add(x, f.of("Abs", f.of("Floor", f.add(x, 0.5)))),
		Math.PI,
	);
	const cotangent = f.div(f.of("Cos", turned), f.of("Sin", turned));
	const reflected = f.sub(value, f.mul(cotangent, Math.PI));
	const isPole = f.equal(turned, 0);
	return f.where(isReflected, f.where(isPole, Number.NaN, reflected), value);
}

/** Giles, "Approximating the erfinv function" (2012), table 5: coefficients from the highest power, near 0 and near ±1. */
const CENTRAL = [
	2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087,
	-0.00125372503, -0.00417768164, 0.246640727, 1.50140941,
];
const TAIL = [
	-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773,
	-0.0076224613, 0.00943887047, 1.00167406, 2.83297682,
];

function inverseErf(f: Formula, x: string): string {
	const w = f.of("Neg", f.add(f.of("Log1p", f.of("Neg", x)), f.of("Log1p", x)));
	const central = polynomial(f, CENTRAL, f.sub(w, 2.5));
	const tail = polynomial(f, TAIL, f.sub(f.of("Sqrt", w), 3));
	const factor = f.where(f.less(w, 5), central, tail);
	const isEnd = f.equal(f.of("Abs", x), 1);
	return f.mul(x, f.where(isEnd, Infinity, factor));
}

/** Horner's rule; coefficients from the highest power. */
function polynomial(
	f: Formula,
	[highest, ...rest]: readonly number[],
	x: string,
): string {
	return rest.reduce<Term>(
		(value, coefficient) => f.add(f.mul(value, x), coefficient),
		highest,
	) as string;
}
