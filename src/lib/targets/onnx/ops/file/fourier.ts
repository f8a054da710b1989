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

export const fourierLowerings: LoweringTable<typeof fourierOps> = {
	_Fourier: (context) => {
		const [re, im] = [context.input(0), context.input(1)];
		const inverse = Number(boolAttr(context.node, "inverse"));
		const spectrum = context.emit("DFT", [lines(context, [re, im])], {
			inverse,
		});
		return partsOf(context, spectrum, re);
	},
	_RealFourier: (context) => {
		const x = context.input(0);
		const spectrum = context.emit("DFT", [lines(context, [x])], {
			onesided: 1,
		});
		return partsOf(context, spectrum, x);
	},
};
