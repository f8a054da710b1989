import type { binaryOps } from "../../../../ops/math/binary.js";
import type { Lowering, LoweringTable } from "../../lowering.js";
import { leftShift, populationCount, rightShift } from "./bits.js";
import {
	divide,
	floorDivide,
	floorModulo,
	truncateDivide,
	truncateModulo,
} from "./division.js";
import { power } from "./power.js";
import { composed, direct } from "./rows.js";

/** ONNX's Clip takes scalar bounds, and its upper one wins where the lower one is above it; in TensorFlow the lower one does. */
const clip: Lowering = (context) => {
	const [low, high] = [1, 2].map((index) => context.constant(index));
	const isInOrder =
		low?.shape.length === 0 &&
		high?.shape.length === 0 &&
		low.data[0] <= high.data[0];
	return composed(({ max, min }, [t, least, most], { emit }) =>
		isInOrder && t.dtype !== "int64"
			? emit("Clip", [t, least, most])
			: max(min(t, most), least),
	)(context);
};

/** The angle of (x, y): that of y / x, half a turn further on the left, and the axis itself where x is 0. */
const atan2 = composed((e, [y, x], { emit, scalar }) => {
	// infinities over one another are a diagonal
	const [low, high] = [scalar(x.dtype, -FLOAT_MAX), scalar(x.dtype, FLOAT_MAX)];
	const [v, u] = [y, x].map((value) => emit("Clip", [value, low, high]));
	const isBelow = e.less(e.of("Reciprocal", v), 0); // tells -0 from 0
	const isOrigin = e.and(e.equal(v, 0), e.equal(u, 0));
	const angle = e.of("Atan", e.div(v, e.where(isOrigin, 1, u)));
	const half = e.where(isBelow, -Math.PI, e.add(e.mul(angle, 0), Math.PI));
	const onAxis = e.mul(e.of("Sign", v), Math.PI / 2);
	return e.where(
		e.equal(u, 0),
		e.where(e.and(isOrigin, e.less(e.of("Reciprocal", u), 0)), half, onAxis),
		e.where(e.less(u, 0), e.add(angle, half), angle),
	);
});

const FLOAT_MAX = 3.4028234663852886e38;

/** A step of rounding, small enough to end at the next number: between half and three halves of the distance to it. */
const nextAfter = composed((e, [x, y]) => {
	const [relative, smallest, largest] =
		x.dtype === "float64"
			? [1.2 * 2 ** -53, 2 ** -1074, Number.MAX_VALUE]
			: [1.2 * 2 ** -24, 2 ** -149, FLOAT_MAX];
	const finite = e.min(e.max(x, -largest), largest);
	const step = e.max(e.mul(e.of("Abs", finite), relative), smallest);
	const moved = e.where(e.less(x, y), e.add(finite, step), e.sub(finite, step));
	const stepped = e.where(e.test("IsInf", x), finite, moved);
	const isNan = e.or(e.test("IsNaN", x), e.test("IsNaN", y));
	return e.where(e.or(isNan, e.equal(x, y)), e.add(e.mul(x, 0), y), stepped);
});

export const binaryLowerings: LoweringTable<typeof binaryOps> = {
	Add: direct("Add"),
	AddV2: direct("Add"),
	AddN: composed(({ add, of }, [first, ...rest]) =>
		rest.length === 0 ? of("Identity", first) : rest.reduce(add, first),
	),
	Sub: direct("Sub"),
	Mul: direct("Mul"),
	Div: divide,
	RealDiv: divide,
	FloorDiv: floorDivide,
	FloorMod: floorModulo,
	TruncateDiv: truncateDivide,
	TruncateMod: truncateModulo,
	Maximum: composed(({ max }, [x, y]) => max(x, y)),
	Minimum: composed(({ min }, [x, y]) => min(x, y)),
	ClipByValue: clip,
	Pow: power,
	SquaredDifference: composed(({ sub, mul }, [x, y]) => {
		const difference = sub(x, y);
		return mul(difference, difference);
	}),
	Atan2: atan2,
	NextAfter: nextAfter,
	BitwiseAnd: direct("BitwiseAnd"),
	BitwiseOr: direct("BitwiseOr"),
	BitwiseXor: direct("BitwiseXor"),
	LeftShift: leftShift,
	RightShift: rightShift,
	Invert: direct("BitwiseNot"),
	PopulationCount: populationCount,
};
