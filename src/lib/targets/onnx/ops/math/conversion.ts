import { fail } from "../../../../errors.js";
import { boolAttr, dtypeAttr } from "../../../../graph/attrs.js";
import type { conversionOps } from "../../../../ops/math/conversion.js";
import { DTYPES } from "../../../../tensor/dtype.js";
import { storageType } from "../../kernels.js";
import {
	type LowerContext,
	type Lowering,
	type LoweringTable,
	type OnnxValue,
	unsupported,
} from "../../lowering.js";
import { bitcast } from "./bitcast.js";
import { composed } from "./rows.js";

/** As ONNX's Cast. bfloat16 is held as float32, so a value that becomes one, or was one, loses its lower bits and stays. */
const cast: Lowering = (context) => {
	const from = context.inputs[0].dtype;
	const to = dtypeAttr(context.node, "DstT");
	const held = storageType(to);
	if (held === undefined || held === "string" || from === "string")
		throw fail(
			"UNSUPPORTED",
			`cannot lower a cast from ${from} to ${to}: ONNX Runtime has none`,
		);
	return composed((_, [x]) => {
		if (from === to) return context.emit("Identity", [x]);
		if (to === "bfloat16") return asBfloat16(context, x);
		return context.cast(
			from === "bfloat16" ? roundedToBfloat16(context, x) : x,
			held,
		);
	})(context);
};

function asBfloat16(context: LowerContext, x: OnnxValue): OnnxValue {
	const { emit, node } = context;
	const value = context.cast(x, "float32");
	const rounded = roundedToBfloat16(context, value);
	if (!boolAttr(node, "Truncate")) return rounded;
	const isLarger = emit(
		"Less",
		[emit("Abs", [value]), emit("Abs", [rounded])],
		{},
		{ dtype: "bool" },
	);
	// towards zero by one step: less than a step of any bfloat16, and not less than half of one
	const step = emit("Mul", [rounded, context.scalar("float32", 1 - 2 ** -8)]);
	return emit("Where", [isLarger, roundedToBfloat16(context, step), rounded]);
}

function roundedToBfloat16(
	{ emit }: LowerContext,
	value: OnnxValue,
): OnnxValue {
	const bits = emit(
		"Cast",
		[value],
		{ to: DTYPES.bfloat16.onnx },
		{ dtype: "bfloat16" },
	);
	return emit(
		"Cast",
		[bits],
		{ to: DTYPES.float32.onnx },
		{ dtype: "float32" },
	);
}

const complex = unsupported("ONNX Runtime has no complex tensors");

export const conversionLowerings: LoweringTable<typeof conversionOps> = {
	Cast: cast,
	Bitcast: bitcast,
	Complex: complex,
	Real: complex,
	Imag: complex,
	ComplexAbs: complex,
	Angle: complex,
	Conj: complex,
};
