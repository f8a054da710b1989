import { fail } from "../../../../errors.js";
import { boolAttr, stringAttr } from "../../../../graph/attrs.js";
import { samplingOf } from "../../../../ops/image/resize.js";
import { type Expressions, expressions } from "../../expression.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";
import { type Axis, axisScale, indices } from "./axis.js";

/** A matrix [new size, old size]: how much each old pixel along an axis counts for each new one. */
export type Weights = (context: LowerContext, axis: Axis) => OnnxValue;

/** Upstream reads the cubic from a table with so many steps between two pixels (resize_bicubic_op.cc). */
const CUBIC_STEPS = 1024;

export const cubicWeights: Weights = (context, axis) => {
	const math = expressions(context);
	const sampling = samplingOf(context.node);
	const scale = axisScale(context, axis, sampling);
	const pixel = column(context, indices(context, axis.to));
	const source = indices(context, axis.from);
	const position = sampling.halfPixelCenters
		? math.sub(math.mul(math.add(pixel, 0.5), scale), 0.5)
		: math.mul(pixel, scale);
	const before = math.of("Floor", position);
	const steps = math.mul(math.sub(position, before), CUBIC_STEPS);
	const along = math.div(math.of("Round", steps), CUBIC_STEPS);
	const taps = cubicTaps(
		math,
		context.cast(along, "float64"),
		sampling.halfPixelCenters ? -0.5 : -0.75,
	).map((weight) => context.cast(weight, "float32"));
	const last = math.sub(context.cast(axis.from, "float32"), 1);
	const parts = taps.map((weight, tap) => {
		const place = math.add(before, tap - 1);
		// with half pixels, what lies outside does not count; otherwise the edge is repeated
		const inside = sampling.halfPixelCenters
			? place
			: math.max(math.min(place, last), 0);
		return math.where(math.equal(inside, source), weight, 0);
	});
	const weights = parts.reduce((a, b) => math.add(a, b));
	return sampling.halfPixelCenters
		? math.div(weights, rowSum(context, weights))
		: weights;
};

/** The share of each old pixel that the new one covers; beyond the last pixel, the last is repeated (resize_area_op.cc). */
export const areaWeights: Weights = (context, axis) => {
	const math = expressions(context);
	const reach = axisScale(context, axis, samplingOf(context.node));
	// one pixel with aligned corners: it is everywhere
	const scale = math.where(math.greater(reach, 0), reach, 1);
	const pixel = column(context, indices(context, axis.to));
	const source = indices(context, axis.from);
	const last = math.sub(context.cast(axis.from, "float32"), 1);
	const end = math.where(
		math.equal(source, last),
		Number.POSITIVE_INFINITY,
		math.add(source, 1),
	);
	const starts = math.mul(pixel, scale);
	const ends = math.mul(math.add(pixel, 1), scale);
	const covered = math.sub(math.min(end, ends), math.max(source, starts));
	return math.div(math.max(covered, 0), scale);
};

/** Pixels weighed by a kernel around the place that scale and translation lead to (scale_and_translate_op.cc). */
export const kernelWeights: Weights = (context, axis) => {
	const math = expressions(context);
	const kernel = kernelOf(stringAttr(context.node, "kernel_type"));
	const place = context.scalar("int64", axis.place);
	const [scale, translation] = [2, 3].map((index) =>
		context.emit("Gather", [context.input(index), place]),
	);
	const inverse = math.div(1, scale);
	const widening = boolAttr(context.node, "antialias")
		? math.max(inverse, 1)
		: context.scalar("float32", 1);
	const pixel = column(context, indices(context, axis.to));
	const source = indices(context, axis.from);
	const position = math.sub(
		math.mul(math.add(pixel, 0.5), inverse),
		math.mul(inverse, translation),
	);
	const distance = math.sub(math.add(source, 0.5), position);
	const weights = kernel(math, math.of("Abs", math.div(distance, widening)));
	const sum = rowSum(context, weights);
	const size = context.cast(axis.from, "float32");
	const outside = context.emit("Or", [
		math.less(position, 0),
		math.greater(position, size),
	]);
	const nothing = context.emit("Or", [
		outside,
		math.less(math.of("Abs", sum), SMALLEST_SUM),
	]);
	return math.where(nothing, 0, math.div(weights, math.where(nothing, 1, sum)));
};

/** 1000 times the smallest normal float32. */
const SMALLEST_SUM = 1.1754943508222875e-35;

/** Weights of the pixels one before, at, one behind and two behind a position. */
function cubicTaps(
	math: Expressions,
	along: OnnxValue,
	a: number,
): OnnxValue[] {
	const { add, sub, mul } = math;
	const near = (x: OnnxValue) =>
		add(mul(mul(sub(mul(x, a + 2), a + 3), x), x), 1);
	const far = (x: OnnxValue) =>
		sub(mul(add(mul(sub(mul(x, a), 5 * a), x), 8 * a), x), 4 * a);
	const ahead = sub(1, along);
	return [far(add(along, 1)), near(along), near(ahead), far(add(ahead, 1))];
}

type Kernel = (math: Expressions, distance: OnnxValue) => OnnxValue;

/** image/sampling_kernels.h; all are zero beyond their radius. */
const KERNELS: Readonly<Record<string, Kernel>> = {
	lanczos1: lanczos(1),
	lanczos3: lanczos(3),
	lanczos5: lanczos(5),
	// radius 1.5, deviation 0.5
	gaussian: (math, x) =>
		math.where(
			math.less(x, 1.5),
			math.of("Exp", math.mul(math.mul(x, x), -2)),
			0,
		),
	box: (math, x) => {
		const edge = math.where(math.equal(x, 0.5), x, math.mul(x, 0));
		return math.where(math.less(x, 0.5), 1, edge);
	},
	triangle: (math, x) => math.max(math.sub(1, x), 0),
	keyscubic: (math, x) =>
		piecewise(math, x, [1.5, -2.5, 0, 1], [-0.5, 2.5, -4, 2]),
	mitchellcubic: (math, x) =>
		piecewise(math, x, [7 / 6, -2, 0, 8 / 9], [-7 / 18, 2, -10 / 3, 16 / 9]),
};

function kernelOf(name: string): Kernel {
	const kernel = KERNELS[name];
	if (kernel === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot resample with kernel "${name}": mlship knows ${Object.keys(KERNELS).join(", ")}`,
		);
	return kernel;
}

function lanczos(radius: number): Kernel {
	return (math, x) => {
		const { mul, div, of } = math;
		const angle = mul(math.max(x, 1e-3), Math.PI);
		const sines = mul(of("Sin", angle), of("Sin", div(angle, radius)));
		const weight = div(mul(sines, radius), mul(angle, angle));
		const inside = math.where(math.greater(x, radius), 0, weight);
		return math.where(math.greater(x, 1e-3), inside, 1);
	};
}

/** One cubic below 1, another below 2, coefficients from the highest power down. */
function piecewise(
	math: Expressions,
	x: OnnxValue,
	inner: readonly number[],
	outer: readonly number[],
): OnnxValue {
	const cubic = ([a, b, c, d]: readonly number[]) =>
		math.add(
			math.mul(math.add(math.mul(math.add(math.mul(x, a), b), x), c), x),
			d,
		);
	const beyond = math.where(math.less(x, 2), cubic(outer), 0);
	return math.where(math.less(x, 1), cubic(inner), beyond);
}

/** [n] → [n, 1]. */
function column({ emit, ints }: LowerContext, vector: OnnxValue): OnnxValue {
	return emit("Unsqueeze", [vector, ints([1])]);
}

function rowSum({ emit, ints }: LowerContext, matrix: OnnxValue): OnnxValue {
	return emit("ReduceSum", [matrix, ints([1])], { keepdims: 1 });
}
