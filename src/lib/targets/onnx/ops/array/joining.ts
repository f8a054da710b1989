import { intAttr } from "../../../../graph/attrs.js";
import type { joiningOps } from "../../../../ops/array/joining.js";
import { isStatic, normalizeAxis } from "../../../../ops/shapes.js";
import { storageType } from "../../kernels.js";
import { channelsFirstAxis } from "../../layout.js";
import type {
	LowerContext,
	Lowering,
	LoweringTable,
	OnnxValue,
} from "../../lowering.js";
import { middleAxis } from "../../middle-axis.js";
import { integerVector, knownIntegers } from "./integers.js";
import { oriented } from "./orientation.js";

const concat: Lowering = (context) => {
	const last = context.inputs.length - 1;
	const values = Array.from({ length: last }, (_, index) => index);
	const axis = knownIntegers(context, last)?.[0];
	if (axis === undefined) return concatAlong(context, values, last);
	const [shape] = context.inputs
		.slice(0, last)
		.flatMap(({ shape: known }) => (known === undefined ? [] : [known]));
	const followsChannels =
		shape !== undefined &&
		shape.length > 2 &&
		values.some((index) => context.isChannelsFirst(index)) &&
		values.every((index) => context.inputs[index].shape !== undefined);
	if (!followsChannels)
		return context.emit(
			"Concat",
			values.map((index) => context.input(index)),
			{ axis },
		);
	const rank = shape.length;
	return {
		...context.emit(
			"Concat",
			values.map((index) => context.channelsFirst(index)),
			{ axis: channelsFirstAxis(normalizeAxis(axis, rank), rank) },
		),
		channelsFirst: true,
	};
};

/** Joins along an axis that is known at run time only. */
function concatAlong(
	context: LowerContext,
	values: readonly number[],
	axisInput: number,
): OnnxValue {
	const axis = integerVector(context, axisInput);
	const parts = values.map((index) =>
		middleAxis(context, context.input(index), axis),
	);
	const joined = context.emit(
		"Concat",
		parts.map(({ value }) => value),
		{ axis: 1 },
	);
	const size = parts
		.map((part) => part.size)
		.reduce((a, b) => context.emit("Add", [a, b]));
	return parts[0].restored(joined, size);
}

/** ONNX stacks by giving each value the new axis first. A negative axis means the same in both steps. */
const pack: Lowering = (context) => {
	const axis = intAttr(context.node, "axis");
	const at = context.ints([axis]);
	return context.emit(
		"Concat",
		context.inputs.map((_, index) =>
			context.emit("Unsqueeze", [context.input(index), at]),
		),
		{ axis },
	);
};

const unpack: Lowering = (context) => {
	const axis = intAttr(context.node, "axis");
	return pieces(context, context.input(0), axis).map((piece) =>
		context.emit("Squeeze", [piece, context.ints([axis])]),
	);
};

const split: Lowering = (context) => {
	const axis = knownIntegers(context, 0)?.[0];
	if (axis === undefined) return splitAlong(context, 1, 0);
	const { value, axis: axisOf, result } = oriented(context, 1);
	const { shape } = context.inputs[1];
	const size = shape?.[normalizeAxis(axis, shape.length)] ?? -1;
	const lengths =
		size > 0 ? undefined : equalSizes(context, value, axisOf(axis));
	return pieces(context, value, axisOf(axis), lengths).map(result);
};

const splitV: Lowering = (context) => {
	const axis = knownIntegers(context, 2)?.[0];
	if (axis === undefined)
		return splitAlong(context, 0, 2, (size) => runTimeSizes(context, size));
	const { shape } = context.inputs[0];
	const { value, axis: axisOf, result } = oriented(context);
	const sizes = context.outputs.map(
		(output) => output.shape?.[normalizeAxis(axis, output.shape.length)] ?? -1,
	);
	const total = () => {
		const whole = context.emit("Shape", [value], {}, { dtype: "int64" });
		return context.emit("Gather", [whole, context.ints([axisOf(axis)])]);
	};
	const lengths =
		shape !== undefined && isStatic(sizes)
			? context.ints(sizes)
			: runTimeSizes(context, total());
	return pieces(context, value, axisOf(axis), lengths).map(result);
};

/** The sizes of the pieces, input 1; one -1 among them takes what is left of `total`. */
function runTimeSizes(context: LowerContext, total: OnnxValue): OnnxValue {
	const { emit, ints } = context;
	const known = knownIntegers(context, 1);
	const sizes = integerVector(context, 1);
	if (known !== undefined && !known.includes(-1)) return sizes;
	const zero = ints([0]);
	const sum = emit("ReduceSum", [emit("Max", [sizes, zero]), zero]);
	const isOpen = emit("Less", [sizes, zero], {}, { dtype: "bool" });
	return emit("Where", [isOpen, emit("Sub", [total, sum]), sizes]);
}

/** Cuts input `data` along an axis that is known at run time only. */
function splitAlong(
	context: LowerContext,
	data: number,
	axisInput: number,
	sizesOf?: (size: OnnxValue) => OnnxValue,
): readonly OnnxValue[] {
	const { emit } = context;
	const axis = integerVector(context, axisInput);
	const middle = middleAxis(context, context.input(data), axis);
	const sizes = sizesOf?.(middle.size) ?? equalSizes(context, middle.value, 1);
	return pieces(context, middle.value, 1, sizes).map((piece) => {
		const size = emit(
			"Shape",
			[piece],
			{ start: 1, end: 2 },
			{ dtype: "int64" },
		);
		return middle.restored(piece, size);
	});
}

/** Sizes of equal pieces. Without them ONNX Runtime refuses an axis of size 0, and takes one that cannot be divided. */
function equalSizes(
	{ emit, ints, outputs }: LowerContext,
	value: OnnxValue,
	axis: number,
): OnnxValue {
	const whole = emit("Shape", [value], {}, { dtype: "int64" });
	const size = emit("Gather", [whole, ints([axis])]);
	const each = emit("Div", [size, ints([outputs.length])]);
	return emit("Expand", [each, ints([outputs.length])]);
}

/** Equal pieces unless their sizes are given. */
function pieces(
	context: LowerContext,
	value: OnnxValue,
	axis: number,
	sizes?: OnnxValue,
): readonly OnnxValue[] {
	const dtypes = context.outputs.map(
		({ dtype }) => storageType(dtype) ?? dtype,
	);
	return context.emitMany(
		"Split",
		[value, sizes],
		dtypes,
		sizes === undefined ? { axis, num_outputs: dtypes.length } : { axis },
	);
}

export const joiningLowerings: LoweringTable<typeof joiningOps> = {
	ConcatV2: concat,
	Pack: pack,
	Unpack: unpack,
	Split: split,
	SplitV: splitV,
};
