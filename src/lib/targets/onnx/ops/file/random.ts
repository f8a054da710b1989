import { dtypeAttr, intAttr } from "../../../../graph/attrs.js";
import type { statefulRandomOps } from "../../../../ops/random/stateful.js";
import { DTYPES, type DType } from "../../../../tensor/dtype.js";
import { expressions } from "../../expression.js";
import { storageType } from "../../kernels.js";
import {
	type LowerContext,
	type Lowering,
	type LoweringTable,
	type OnnxValue,
	unsupported,
} from "../../lowering.js";
import { integerScalar, integerVector } from "../array/integers.js";

/** Draws numbers of a shape by ONNX's generator; a seed makes it begin alike each time, not as TensorFlow's does, and in each `turn` elsewhere. */
function drawn(
	context: LowerContext,
	op: "RandomUniformLike" | "RandomNormalLike",
	shape: OnnxValue,
	dtype: DType,
	turn = 0,
): OnnxValue {
	const { emit, node } = context;
	const like = emit("ConstantOfShape", [shape], {}, { dtype: "float32" });
	const seed = 31 * intAttr(node, "seed") + intAttr(node, "seed2");
	const attrs = {
		dtype: DTYPES[dtype].onnx,
		...(seed === 0 ? {} : { seed: { float: (seed + turn) % 2 ** 24 } }),
	};
	return emit(op, [like], attrs, { dtype });
}

/** In which type ONNX Runtime draws numbers, and how many values from 0 to 1 those of shorter types have. */
const DRAWN: Readonly<Partial<Record<DType, DType>>> = { float64: "float64" };
const STEPS: Readonly<Partial<Record<DType, number>>> = {
	float16: 2 ** 10,
	bfloat16: 2 ** 7,
};

/** From 0 up to 1, and never 1 itself. */
const uniform: Lowering = (context) => {
	const dtype = dtypeAttr(context.node, "dtype");
	const { of, mul, div } = expressions(context);
	const made = drawn(
		context,
		"RandomUniformLike",
		integerVector(context, 0),
		DRAWN[dtype] ?? "float32",
	);
	const steps = STEPS[dtype];
	const cut =
		steps === undefined ? made : div(of("Floor", mul(made, steps)), steps);
	return held(context, cut, dtype);
};

const normal: Lowering = (context) => {
	const dtype = dtypeAttr(context.node, "dtype");
	const shape = integerVector(context, 0);
	const type = DRAWN[dtype] ?? "float32";
	return held(context, drawn(context, "RandomNormalLike", shape, type), dtype);
};

/** How often a number is drawn again that is further than 2 from 0, which each time one of twenty-two is. */
const ATTEMPTS = 8;

const truncated: Lowering = (context) => {
	const dtype = dtypeAttr(context.node, "dtype");
	const { of, less, where, max, min } = expressions(context);
	const shape = integerVector(context, 0);
	const type = DRAWN[dtype] ?? "float32";
	const draws = Array.from({ length: ATTEMPTS }, (_, turn) =>
		drawn(context, "RandomNormalLike", shape, type, turn),
	);
	const chosen = draws.reduce((kept, next) =>
		where(less(of("Abs", kept), 2), kept, next),
	);
	return held(context, max(min(chosen, 2), -2), dtype);
};

function held(context: LowerContext, value: OnnxValue, dtype: DType) {
	return context.cast(value, storageType(dtype) ?? dtype);
}

const whole: Lowering = (context) => {
	const { cast, input } = context;
	const { add, sub, mul, min, of } = expressions(context);
	const shape = integerVector(context, 0);
	const part = drawn(context, "RandomUniformLike", shape, "float64");
	const [low, high] = [1, 2].map((index) => cast(input(index), "int64"));
	const width = sub(high, low);
	const steps = cast(of("Floor", mul(part, cast(width, "float64"))), "int64");
	const made = add(low, min(steps, sub(width, 1)));
	return cast(made, dtypeAttr(context.node, "Tout"));
};

/** The class of the largest score once each has Gumbel's noise on it (Gumbel, 1954) is one drawn by the scores. */
const classes: Lowering = (context) => {
	const { emit, ints, cast, input, node } = context;
	const { add, of, max, sub } = expressions(context);
	const logits = emit("Unsqueeze", [cast(input(0), "float64"), ints([1])]);
	const sizes = emit("Shape", [logits], {}, { dtype: "int64" });
	const part = (from: number) =>
		emit("Slice", [sizes, ints([from]), ints([from + 1])]);
	const count = emit("Reshape", [integerScalar(context, 1), ints([1])]);
	const shape = emit("Concat", [part(0), count, part(2)], { axis: 0 });
	const draw = drawn(context, "RandomUniformLike", shape, "float64");
	const log = of("Log", max(draw, 1e-300));
	const noise = of("Neg", of("Log", sub(0, log)));
	const best = emit(
		"ArgMax",
		[add(logits, noise)],
		{ axis: -1, keepdims: 0 },
		{ dtype: "int64" },
	);
	return cast(best, dtypeAttr(node, "output_dtype"));
};

/** Rows in the order of numbers that are drawn for them. */
const shuffled: Lowering = (context) => {
	const { emit, emitMany, input, inputs, ints } = context;
	const value = input(0);
	if (inputs[0].shape?.length === 0) return emit("Identity", [value]);
	const rows = emit("Shape", [value], { start: 0, end: 1 }, { dtype: "int64" });
	const keys = drawn(context, "RandomUniformLike", rows, "float32");
	const [, order] = emitMany(
		"TopK",
		[keys, emit("Reshape", [rows, ints([1])])],
		["float32", "int64"],
		{ axis: 0 },
	);
	return emit("Gather", [value, order], { axis: 0 });
};

const noGenerator = unsupported("ONNX draws no numbers of this distribution");

export const randomLowerings: LoweringTable<typeof statefulRandomOps> = {
	RandomUniform: uniform,
	RandomStandardNormal: normal,
	TruncatedNormal: truncated,
	RandomUniformInt: whole,
	Multinomial: classes,
	RandomShuffle: shuffled,
	ParameterizedTruncatedNormal: noGenerator,
	RandomGamma: noGenerator,
	RandomPoisson: noGenerator,
	RandomPoissonV2: noGenerator,
};
