import type { LiteOp } from "../../../../lite/schema.js";
import type { binaryOps } from "../../../../ops/math/binary.js";
import { DTYPES } from "../../../../tensor/dtype.js";
import { type Arithmetic, arithmetic } from "../../arithmetic.js";
import { flooredQuotient, truncatedQuotient } from "../../division.js";
import {
	type LiteContext,
	type LiteLowering,
	type LiteTable,
	type LiteValue,
	unfit,
	unsupported,
} from "../../lowering.js";
import { unary } from "../rows.js";
import { bitwiseAnd, shiftedLeft, shiftedRight } from "./bits.js";
import { gatedProduct } from "./gated.js";

type Formula = (x: LiteValue, y: LiteValue, math: Arithmetic) => LiteValue;

function formula(make: Formula): LiteLowering {
	return (context) => {
		if (DTYPES[context.inputs[0].dtype].kind === "complex")
			throw unfit("TensorFlow Lite does not compute it for complex numbers");
		return make(context.input(0), context.input(1), arithmetic(context));
	};
}

const direct = (op: LiteOp) => formula((x, y, { both }) => both(op, x, y));

/** Sizes are divided as 32-bit integers, which they are small enough for. */
const quotient =
	(floats: LiteOp, integers: "DIV" | "FLOOR_DIV"): LiteLowering =>
	(context) => {
		const { dtype } = context.inputs[0];
		const { kind } = DTYPES[dtype];
		if (kind === "float" || kind === "half") return direct(floats)(context);
		if (dtype === "int64" || dtype === "uint32")
			return inLongIntegers(context, integers);
		return direct(integers)(context);
	};

/** A known divisor is multiplied with: that is quicker, and integers have no quotients. */
const realDivision: LiteLowering = (context) => {
	const { inputs, input, constant, types, node, weight } = context;
	const known = types.constantOf(node.inputs[1]);
	const isSmall = (known?.byteLength ?? Infinity) <= LARGEST_DIVISOR;
	const divisor = isSmall ? constant(1) : undefined;
	if (divisor === undefined || inputs[0].dtype !== "float32")
		return quotient("DIV", "DIV")(context);
	const data = (divisor.data as Float32Array).map((value) => 1 / value);
	const isSafe = data.every((value) => Number.isFinite(value) && value !== 0);
	if (!isSafe) return direct("DIV")(context);
	return arithmetic(context).mul(input(0), weight({ ...divisor, data }));
};

/** Bytes of a divisor that is looked at before it is written. */
const LARGEST_DIVISOR = 65536;

function inLongIntegers(
	context: LiteContext,
	op: "DIV" | "FLOOR_DIV",
): LiteValue {
	const { cast, input, inputs, isSize } = context;
	const [{ dtype }] = inputs;
	if (!isSize(0) || !isSize(1)) {
		const [x, y] = [0, 1].map((i) => cast(input(i), "int64"));
		const divide = op === "DIV" ? truncatedQuotient : flooredQuotient;
		return cast(divide(context, x, y), dtype);
	}
	const [x, y] = [0, 1].map((i) => cast(input(i), "int32"));
	return cast(arithmetic(context).both(op, x, y), dtype);
}

const addN: LiteLowering = (context) => {
	const { node, input } = context;
	const { add } = arithmetic(context);
	return node.inputs
		.slice(1)
		.reduce((sum, _, i) => add(sum, input(i + 1)), input(0));
};

/** What is left has the sign of the number that is divided. */
const truncatedRest: LiteLowering = (context) => {
	const { kind } = DTYPES[context.inputs[0].dtype];
	return formula((x, y, { of, both, mul, sub, max, min }) => {
		if (kind === "float" || kind === "half")
			return mul(both("FLOOR_MOD", of("ABS", x), of("ABS", y)), of("SIGN", x));
		if (x.dtype === "int64") {
			const rest = both(
				"FLOOR_MOD",
				max(x, of("NEG", x)),
				max(y, of("NEG", y)),
			);
			return mul(rest, max(min(x, 1), -1));
		}
		return sub(x, mul(both("DIV", x, y), y));
	})(context);
};

const clip: LiteLowering = (context) => {
	const { input } = context;
	const { min, max } = arithmetic(context);
	// in this order kernels keep what is no number
	return max(input(1), min(input(2), input(0)));
};

const power: LiteLowering = (context) => {
	const { constant, inputs } = context;
	const exponent = constant(1);
	const only =
		exponent?.data.length === 1 && inputs[0].dtype === "float32"
			? Number(exponent.data[0])
			: undefined;
	const op = only === undefined ? undefined : ROOTS[only];
	const isSame =
		(exponent?.shape.length ?? 0) <= (inputs[0].shape?.length ?? 0);
	return op === undefined || !isSame
		? direct("POW")(context)
		: unary(context, op, context.input(0));
};

/** Powers with an operator of their own. */
const ROOTS: Readonly<Record<number, LiteOp | undefined>> = {
	2: "SQUARE",
	0.5: "SQRT",
	[-0.5]: "RSQRT",
};

export const binaryRows: LiteTable<typeof binaryOps> = {
	Add: direct("ADD"),
	AddV2: direct("ADD"),
	AddN: addN,
	Sub: direct("SUB"),
	Mul: (context) => gatedProduct(context) ?? direct("MUL")(context),
	Div: quotient("DIV", "DIV"),
	RealDiv: realDivision,
	FloorDiv: quotient("FLOOR_DIV", "FLOOR_DIV"),
	FloorMod: direct("FLOOR_MOD"),
	TruncateDiv: quotient("DIV", "DIV"),
	TruncateMod: truncatedRest,
	Maximum: direct("MAXIMUM"),
	Minimum: direct("MINIMUM"),
	ClipByValue: clip,
	Pow: power,
	SquaredDifference: formula((x, y, math) =>
		x.dtype === "int64"
			? math.mul(math.sub(x, y), math.sub(x, y))
			: math.both("SQUARED_DIFFERENCE", x, y),
	),
	Atan2: direct("ATAN2"),
	NextAfter: unsupported("TensorFlow Lite looks at no bits of floats"),
	BitwiseAnd: formula(bitwiseAnd),
	BitwiseOr: formula((x, y, math) =>
		math.sub(math.add(x, y), bitwiseAnd(x, y, math)),
	),
	BitwiseXor: direct("BITWISE_XOR"),
	LeftShift: formula(shiftedLeft),
	RightShift: shiftedRight,
	Invert: (context) => arithmetic(context).sub(-1, context.input(0)),
	PopulationCount: unsupported("TensorFlow Lite counts no bits"),
};
