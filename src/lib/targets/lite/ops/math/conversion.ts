import { dtypeAttr } from "../../../../graph/attrs.js";
import type { conversionOps } from "../../../../ops/math/conversion.js";
import { DTYPES, type DType } from "../../../../tensor/dtype.js";
import {
	type LiteLowering,
	type LiteTable,
	unfit,
	unsupported,
} from "../../lowering.js";
import { bitsOfFloat, floatOfBits } from "../../unsigned.js";
import { passed, same } from "../rows.js";

const cast: LiteLowering = (context) => {
	const { node, inputs, input, emit, outputs, scalar } = context;
	const [from, to] = [inputs[0].dtype, dtypeAttr(node, "DstT")];
	if (DTYPES[from].kind === "complex" || DTYPES[to].kind === "complex")
		throw unfit("TensorFlow Lite casts no complex numbers");
	if (to === "bool" && from !== "bool")
		return emit("NOT_EQUAL", [input(0), scalar(from, 0)], outputs[0]);
	const isReal = isFloat(from);
	if (from === "uint64" && isFloat(to))
		return context.cast(
			floatOfBits(context, context.cast(input(0), "int64")),
			to,
		);
	if (to === "uint64" && isReal)
		return context.cast(
			bitsOfFloat(context, context.cast(input(0), "float32")),
			to,
		);
	// a number that is too large loses its upper bits, as on TensorFlow's processors
	const by = isReal && SMALL.has(to) ? "int32" : to;
	return context.cast(context.cast(input(0), by), to);
};

function isFloat(dtype: DType): boolean {
	const { kind } = DTYPES[dtype];
	return kind === "float" || kind === "half";
}

const SMALL: ReadonlySet<DType> = new Set(["int8", "int16", "uint8", "uint16"]);

const bitcast: LiteLowering = ({ emit, input, inputs, outputs }) => {
	if ([inputs[0], outputs[0]].some(({ dtype }) => dtype === "bfloat16"))
		throw unfit("TensorFlow Lite holds bfloat16 as float32");
	return emit("BITCAST", [input(0)], outputs[0], ["BitcastOptions", {}]);
};

/** A number has no imaginary part to change. */
const conjugate: LiteLowering = (context) => {
	if (DTYPES[context.inputs[0].dtype].kind === "complex")
		throw unfit("TensorFlow Lite makes no complex numbers");
	return passed(context);
};

export const conversionRows: LiteTable<typeof conversionOps> = {
	Cast: cast,
	Bitcast: bitcast,
	Complex: unsupported("TensorFlow Lite makes no complex numbers"),
	Real: same("REAL"),
	Imag: same("IMAG"),
	ComplexAbs: same("COMPLEX_ABS"),
	Angle: (context) => {
		const { emit, input, outputs } = context;
		const [y, x] = (["IMAG", "REAL"] as const).map((op) =>
			emit(op, [input(0)], outputs[0]),
		);
		return emit("ATAN2", [y, x], outputs[0]);
	},
	Conj: conjugate,
};
