import { broadcast } from "../ops/shapes.js";
import type { specialFunctionOps } from "../ops/special.js";
import { elementCount, type Tensor } from "../tensor/tensor.js";
import { stretched } from "./broadcast.js";
import {
	binaryKernel,
	numbersOf,
	rounded,
	unaryKernel,
} from "./elementwise.js";
import type { HostFamily, HostKernel } from "./kernel.js";
import { besselJ, besselY, scaledI, scaledK } from "./special/bessel.js";
import {
	incompleteBeta,
	lowerGamma,
	upperGamma,
} from "./special/incomplete.js";
import {
	dawson,
	exponentialIntegral,
	fresnel,
	spence,
} from "./special/integrals.js";
import { hurwitzZeta, polygamma } from "./special/zeta.js";

const unary = (float: (x: number) => number) => unaryKernel({ float });
const binary = (float: (x: number, y: number) => number) =>
	binaryKernel({ float });

/** Three inputs that broadcast. */
const betainc: HostKernel = (_, inputs) => {
	const shape = inputs
		.map((input): readonly number[] => input.shape)
		.reduce((a, b) => broadcast(a, b) ?? []);
	const count = elementCount(shape);
	const [a, b, x] = inputs.map((input: Tensor) => ({
		values: numbersOf(input) as ArrayLike<number>,
		places: stretched(input.shape, shape, count),
	}));
	const results = Float64Array.from({ length: count }, (_, i) =>
		incompleteBeta(
			a.values[a.places[i]],
			b.values[b.places[i]],
			x.values[x.places[i]],
		),
	);
	const { dtype } = inputs[0];
	return [{ dtype, shape, data: rounded(dtype, results) }];
};

export const specialKernels: HostFamily<typeof specialFunctionOps> = {
	BesselI0: unary((x) => scaledI(0, x) * Math.exp(Math.abs(x))),
	BesselI0e: unary((x) => scaledI(0, x)),
	BesselI1: unary((x) => scaledI(1, x) * Math.exp(Math.abs(x))),
	BesselI1e: unary((x) => scaledI(1, x)),
	BesselJ0: unary((x) => besselJ(0, x)),
	BesselJ1: unary((x) => besselJ(1, x)),
	BesselK0: unary((x) => scaledK(0, x) * Math.exp(-x)),
	BesselK0e: unary((x) => scaledK(0, x)),
	BesselK1: unary((x) => scaledK(1, x) * Math.exp(-x)),
	BesselK1e: unary((x) => scaledK(1, x)),
	BesselY0: unary((x) => besselY(0, x)),
	BesselY1: unary((x) => besselY(1, x)),
	Dawsn: unary(dawson),
	Expint: unary(exponentialIntegral),
	FresnelCos: unary((x) => fresnel(x).cosine),
	FresnelSin: unary((x) => fresnel(x).sine),
	Spence: unary(spence),
	Igamma: binary(lowerGamma),
	Igammac: binary(upperGamma),
	Zeta: binary(hurwitzZeta),
	Polygamma: binary(polygamma),
	Betainc: betainc,
};
