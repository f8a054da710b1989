import {
	composite,
	type InferRule,
	type OpEntry,
	primitive,
} from "../define.js";
import { type Formula, formula } from "../formula.js";
import { broadcast, broadcastInputs, mergeShapes } from "../shapes.js";
import { arithmetic } from "./elements.js";
import { sameType } from "./unary.js";

/** A zero divisor gives an element that is not known. */
const floorDivide = (a: number, b: number) => Math.floor(a / b);
const truncateDivide = (a: number, b: number) => Math.trunc(a / b);
const floorModulo = (a: number, b: number) => a - Math.floor(a / b) * b;
const truncateModulo = (a: number, b: number) => a % b;

const sumOfAll: InferRule = ({ inputs }) => [
	{
		dtype: inputs[0].dtype,
		shape: inputs.map(({ shape }) => shape).reduce(mergeShapes),
	},
];

/** The bounds are scalars or of the value's own shape, or broadcast against it. */
const clip: InferRule = ({ inputs: [t, low, high] }) => [
	{
		dtype: t.dtype,
		shape: broadcast(t.shape, broadcast(low.shape, high.shape)),
	},
];

/** An op of two values that is a formula in others. */
function binaryFormula(
	compute: (formula: Formula, x: string, y: string) => string,
) {
	return composite((context) => {
		const [x, y] = context.inputs;
		return [compute(formula(context, context.types[0].dtype), x, y)];
	});
}

/** Arithmetic on two or more values that broadcast. */
export const binaryOps = {
	Add: primitive(arithmetic((a, b) => a + b)),
	AddV2: primitive(arithmetic((a, b) => a + b)),
	AddN: primitive(sumOfAll),
	Sub: primitive(arithmetic((a, b) => a - b)),
	Mul: primitive(arithmetic((a, b) => a * b)),
	MulNoNan: binaryFormula(({ where, equal, mul }, x, y) =>
		where(equal(y, 0), 0, mul(x, y)),
	),
	Div: primitive(arithmetic(truncateDivide)),
	RealDiv: primitive(arithmetic(truncateDivide)),
	DivNoNan: binaryFormula(({ where, equal, div }, x, y) =>
		where(equal(y, 0), 0, div(x, y)),
	),
	FloorDiv: primitive(arithmetic(floorDivide)),
	FloorMod: primitive(arithmetic(floorModulo)),
	TruncateDiv: primitive(arithmetic(truncateDivide)),
	TruncateMod: primitive(arithmetic(truncateModulo)),
	Mod: composite(({ inputs, node, add }) => [
		add("TruncateMod", inputs, node.attrs),
	]),
	Maximum: primitive(arithmetic(Math.max)),
	Minimum: primitive(arithmetic(Math.min)),
	ClipByValue: primitive(clip),
	Pow: primitive(arithmetic((a, b) => (b < 0 ? Number.NaN : a ** b))),
	SquaredDifference: primitive(arithmetic((a, b) => (a - b) ** 2)),
	Atan2: primitive(broadcastInputs),
	NextAfter: primitive(broadcastInputs),
	Xdivy: binaryFormula(({ where, equal, div }, x, y) =>
		where(equal(x, 0), 0, div(x, y)),
	),
	Xlogy: binaryFormula(({ where, equal, mul, of }, x, y) =>
		where(equal(x, 0), 0, mul(x, of("Log", y))),
	),
	Xlog1py: binaryFormula(({ where, equal, mul, of }, x, y) =>
		where(equal(x, 0), 0, mul(x, of("Log1p", y))),
	),
	BitwiseAnd: primitive(broadcastInputs),
	BitwiseOr: primitive(broadcastInputs),
	BitwiseXor: primitive(broadcastInputs),
	LeftShift: primitive(broadcastInputs),
	RightShift: primitive(broadcastInputs),
	Invert: primitive(sameType),
	PopulationCount: primitive(({ inputs: [{ shape }] }) => [
		{ dtype: "uint8", shape },
	]),
} as const satisfies Record<string, OpEntry>;
