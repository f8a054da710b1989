import { fail } from "../../../../errors.js";
import { dtypeAttr } from "../../../../graph/attrs.js";
import { DTYPES, type DType } from "../../../../tensor/dtype.js";
import { storageType } from "../../kernels.js";
import type { LowerContext, Lowering, OnnxValue } from "../../lowering.js";
import { floatBits, floatsOfBits, hasFloatBits } from "./float-bits.js";

/** The same bytes as elements of another type; ones of other size have an axis of parts, the lowest first. */
export const bitcast: Lowering = (context) => {
	const from = context.inputs[0].dtype;
	const to = dtypeAttr(context.node, "type");
	for (const dtype of [from, to])
		if (UNSIGNED[dtype] === undefined)
			throw fail(
				"UNSUPPORTED",
				`cannot lower a bitcast from ${from} to ${to}: ONNX cannot take the bits of ${dtype}`,
			);
	const x = context.input(0);
	if (from === to) return context.emit("Identity", [x]);
	const [size, wanted] = [DTYPES[from].bytes, DTYPES[to].bytes];
	if (size === wanted && isInteger(from) && isInteger(to))
		return context.cast(x, to);
	const bits = bitsOf(context, x, from);
	if (size === wanted) return elementsOf(context, bits, to);
	return elementsOf(
		context,
		size > wanted
			? parted(context, bits, wanted, size / wanted)
			: joined(context, bits, size, wanted / size),
		to,
	);
};

/** The unsigned integers of the same size. */
const UNSIGNED: Readonly<Partial<Record<DType, DType>>> = {
	int8: "uint8",
	uint8: "uint8",
	int16: "uint16",
	uint16: "uint16",
	float16: "uint16",
	bfloat16: "uint16",
	int32: "uint32",
	uint32: "uint32",
	float32: "uint32",
	int64: "uint64",
	uint64: "uint64",
	float64: "uint64",
};

/** Bits in the lower part of uint64. */
function bitsOf(context: LowerContext, x: OnnxValue, dtype: DType): OnnxValue {
	if (hasFloatBits(dtype)) return floatBits(context, x, dtype);
	return context.cast(context.cast(x, UNSIGNED[dtype] ?? dtype), "uint64");
}

function elementsOf(
	context: LowerContext,
	bits: OnnxValue,
	dtype: DType,
): OnnxValue {
	return context.cast(
		hasFloatBits(dtype) ? floatsOfBits(context, bits, dtype) : bits,
		storageType(dtype) ?? dtype,
	);
}

/** [...] → [..., count], each part of so many bytes. */
function parted(
	context: LowerContext,
	bits: OnnxValue,
	bytes: number,
	count: number,
): OnnxValue {
	const { emit, ints, scalar } = context;
	const narrow = emit("Unsqueeze", [bits, ints([-1])]);
	const parts = Array.from({ length: count }, (_, i) => {
		const distance = scalar("uint64", 8 * bytes * i);
		const part = emit("BitShift", [narrow, distance], { direction: "RIGHT" });
		return lowest(context, part, bytes);
	});
	return emit("Concat", parts, { axis: -1 });
}

/** The lower bytes. */
function lowest(
	{ emit, scalar }: LowerContext,
	bits: OnnxValue,
	bytes: number,
): OnnxValue {
	return emit("BitwiseAnd", [bits, scalar("uint64", 2 ** (8 * bytes) - 1)]);
}

/** [..., count] → [...], each part of so many bytes. */
function joined(
	{ emit, emitMany, ints, scalar }: LowerContext,
	bits: OnnxValue,
	bytes: number,
	count: number,
): OnnxValue {
	const parts = emitMany("Split", [bits], new Array(count).fill("uint64"), {
		axis: -1,
		num_outputs: count,
	});
	const whole = parts
		.map((part, i) =>
			emit("BitShift", [part, scalar("uint64", 8 * bytes * i)], {
				direction: "LEFT",
			}),
		)
		.reduce((a, b) => emit("BitwiseOr", [a, b]));
	return emit("Squeeze", [whole, ints([-1])]);
}

function isInteger(dtype: DType): boolean {
	const { kind } = DTYPES[dtype];
	return kind === "int" || kind === "bigint";
}
