import { boolAttr } from "../../../../graph/attrs.js";
import type { fourierOps } from "../../../../ops/signal/fourier.js";
import type { LowerContext, LoweringTable, OnnxValue } from "../../lowering.js";

/** All axes but the last as one, [lines, size, parts], as DFT had its axis in opset 17 and has it since. */
function lines(
	{ emit, ints }: LowerContext,
	values: readonly OnnxValue[],
): OnnxValue {
	const columns = values.map((value) => {
		const shape = emit("Shape", [value], {}, { dtype: "int64" });
		const size = emit("Slice", [shape, ints([-1]), ints([2 ** 31 - 1])]);
		const wanted = emit("Concat", [ints([-1]), size, ints([1])], { axis: 0 });
		return emit("Reshape", [value, wanted]);
	});
	return columns.length === 1
		? columns[0]
		: emit("Concat", columns, { axis: 2 });
}

/** The parts of [lines, size, 2], in the shape of `like` but for its last size. */
function partsOf(
	{ emit, emitMany, ints }: LowerContext,
	spectrum: OnnxValue,
	like: OnnxValue,
): readonly OnnxValue[] {
	const shape = emit("Shape", [like], {}, { dtype: "int64" });
	const outer = emit("Slice", [shape, ints([0]), ints([-1])]);
	const sizes = emit("Shape", [spectrum], {}, { dtype: "int64" });
	const size = emit("Slice", [sizes, ints([1]), ints([2])]);
	const wanted = emit("Concat", [outer, size], { axis: 0 });
	const { dtype } = spectrum;
	return emitMany("Split", [spectrum, ints([1, 1])], [dtype, dtype], {
		axis: 2,
	}).map((part) => emit("Reshape", [part, wanted]));
}

/**
 * An input in the type to transform it in: ONNX Runtime loses digits of single precision, half of them where a length is no power
 * of two (Bluestein's algorithm).
 */
function exactly({ cast, input }: LowerContext, index: number): OnnxValue {
	return cast(input(index), "float64");
}

/** A part in the type of the node. */
function as({ cast, outputs }: LowerContext, part: OnnxValue): OnnxValue {
	return cast(part, outputs[0].dtype);
}

export const fourierLowerings: LoweringTable<typeof fourierOps> = {
	_Fourier: (context) => {
		const [re, im] = [0, 1].map((index) => exactly(context, index));
		const inverse = Number(boolAttr(context.node, "inverse"));
		const spectrum = context.emit("DFT", [lines(context, [re, im])], {
			inverse,
		});
		return partsOf(context, spectrum, re).map((part) => as(context, part));
	},
	_RealFourier: (context) => {
		const x = exactly(context, 0);
		const spectrum = context.emit("DFT", [lines(context, [x])], {
			onesided: 1,
		});
		return partsOf(context, spectrum, x).map((part) => as(context, part));
	},
};
