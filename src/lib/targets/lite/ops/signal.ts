import { boolAttr } from "../../../graph/attrs.js";
import { arithmetic } from "../arithmetic.js";
import type {
	LiteContext,
	LiteLowering,
	LiteRow,
	LiteValue,
} from "../lowering.js";
import { unfit } from "../lowering.js";
import { knownNumbers } from "./numbers.js";
import { reshaped } from "./rows.js";

/** Lengths that the kernel transforms: powers of two. */
function lengthsOf(context: LiteContext): readonly number[] {
	const lengths = knownNumbers(context, 1, "the length");
	if (lengths.some((length) => !Number.isInteger(Math.log2(length))))
		throw unfit("TensorFlow Lite transforms powers of two only");
	if (context.outputs[0].dtype !== "complex64")
		throw unfit("TensorFlow Lite has complex64 only");
	return lengths;
}

const plane: LiteLowering = (context) => {
	const { input, emit, ints, outputs } = context;
	return emit("RFFT2D", [input(0), ints(lengthsOf(context))], outputs[0]);
};

/** As a plane of one row. */
const line: LiteLowering = (context) => {
	const { input, emit, ints, outputs, inputs } = context;
	const lengths = lengthsOf(context);
	const { shape } = inputs[0];
	const result = outputs[0].shape;
	if (shape === undefined || result === undefined)
		throw unfit("TensorFlow Lite must know how many axes there are");
	const asPlane = (sizes: readonly number[]) => [
		...sizes.slice(0, -1),
		1,
		...sizes.slice(-1),
	];
	const open = shape.filter((size) => size < 0).length;
	if (open > 1) throw unfit("TensorFlow Lite must know all sizes but one");
	const made = emit(
		"RFFT2D",
		[reshaped(context, input(0), asPlane(shape)), ints([1, ...lengths])],
		{ dtype: "complex64", shape: asPlane(result) },
	);
	return emit("SQUEEZE", [made], { dtype: "complex64", shape: result }, [
		"SqueezeOptions",
		{ squeezeDims: [-2] },
	]);
};

/** Matrices of a transform take so many floats at most. */
const LARGEST_MATRIX = 2 ** 22;

/** Columns of a transform, of a value's last axis: cos and sin of 2π·i·k/size, times a factor, as [columns, size]. */
function waves(
	{ weight, inputs: [{ shape }] }: LiteContext,
	columns: (size: number) => number,
	factor: (size: number) => number,
): readonly LiteValue[] {
	const size = shape?.at(-1) ?? -1;
	if (size < 1) throw unfit("TensorFlow Lite must know the length");
	const count = columns(size);
	if (size * count > LARGEST_MATRIX)
		throw unfit(`TensorFlow Lite transforms no ${size} numbers at once`);
	const scale = factor(size);
	const matrix = (of: (angle: number) => number) =>
		weight({
			dtype: "float32",
			shape: [count, size],
			data: Float32Array.from({ length: count * size }, (_, at) => {
				// turns beyond a whole one would cost digits
				const turn = ((at % size) * Math.floor(at / size)) % size;
				return scale * of((2 * Math.PI * turn) / size);
			}),
		});
	return [matrix(Math.cos), matrix(Math.sin)];
}

function times(
	{ emit }: LiteContext,
	x: LiteValue,
	waves: LiteValue,
): LiteValue {
	const shape = x.shape?.with(-1, waves.shape?.[0] ?? -1);
	return emit("FULLY_CONNECTED", [x, waves], { dtype: x.dtype, shape }, [
		"FullyConnectedOptions",
		{ keepNumDims: true },
	]);
}

/** Both parts of numbers along the last axis, by products with a matrix: sizes that the kernel lacks, and the way back. */
const fourier: LiteLowering = (context) => {
	const inverse = boolAttr(context.node, "inverse");
	const [cos, sin] = waves(
		context,
		(size) => size,
		(size) => (inverse ? 1 / size : 1),
	);
	const { add, sub } = arithmetic(context);
	const [re, im] = [0, 1].map((i) => context.input(i));
	const by = (x: LiteValue, wave: LiteValue) => times(context, x, wave);
	return inverse
		? [sub(by(re, cos), by(im, sin)), add(by(re, sin), by(im, cos))]
		: [add(by(re, cos), by(im, sin)), sub(by(im, cos), by(re, sin))];
};

const realFourier: LiteLowering = (context) => {
	const { input, inputs } = context;
	const size = inputs[0].shape?.at(-1) ?? -1;
	const isPower = size > 0 && Number.isInteger(Math.log2(size));
	if (isPower && inputs[0].dtype !== "float64") return halfSpectrum(context);
	const [cos, sin] = waves(
		context,
		(count) => Math.floor(count / 2) + 1,
		() => 1,
	);
	return [
		times(context, input(0), cos),
		arithmetic(context).of("NEG", times(context, input(0), sin)),
	];
};

/** By the kernel, whose complex numbers are taken apart. */
function halfSpectrum(context: LiteContext): readonly LiteValue[] {
	const { input, inputs, emit, ints, cast, outputs } = context;
	const { shape } = inputs[0];
	const size = shape?.at(-1) ?? -1;
	const rows = reshaped(context, cast(input(0), "float32"), [-1, 1, size]);
	const made = emit("RFFT2D", [rows, ints([1, size])], {
		dtype: "complex64",
		shape: [-1, 1, size / 2 + 1],
	});
	const open = outputs[0].shape?.filter((each) => each < 0).length ?? 2;
	return (["REAL", "IMAG"] as const).map((op, i) => {
		const part = emit(op, [made], { dtype: "float32", shape: made.shape });
		if (open > 1) throw unfit("TensorFlow Lite must know all sizes but one");
		return cast(
			reshaped(context, part, outputs[i].shape ?? []),
			outputs[i].dtype,
		);
	});
}

export const signalRows: Readonly<Record<string, LiteRow>> = {
	_Fourier: fourier,
	_RealFourier: realFourier,
	RFFT: line,
	RFFT2D: plane,
};
