import { type InferRule, type OpEntry, primitive } from "./define.js";
import { sameType } from "./math/unary.js";
import { broadcast, broadcastInputs } from "./shapes.js";

const unary = primitive(sameType);
const binary = primitive(broadcastInputs);

const ternary: InferRule = ({ inputs: [a, b, x] }) => [
	{
		dtype: a.dtype,
		shape: broadcast(broadcast(a.shape, b.shape), x.shape),
	},
];

/** Functions of mathematical physics that no runtime has: the host's alone. */
export const specialFunctionOps = {
	BesselI0: unary,
	BesselI0e: unary,
	BesselI1: unary,
	BesselI1e: unary,
	BesselJ0: unary,
	BesselJ1: unary,
	BesselK0: unary,
	BesselK0e: unary,
	BesselK1: unary,
	BesselK1e: unary,
	BesselY0: unary,
	BesselY1: unary,
	Dawsn: unary,
	Expint: unary,
	FresnelCos: unary,
	FresnelSin: unary,
	Spence: unary,
	Igamma: binary,
	Igammac: binary,
	Zeta: binary,
	Polygamma: binary,
	Betainc: primitive(ternary),
} as const satisfies Record<string, OpEntry>;
