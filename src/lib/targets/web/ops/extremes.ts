import { DTYPES } from "../../../tensor/dtype.js";
import type { Tensor } from "../../../tensor/tensor.js";
import { type } from "../attrs.js";
import type { WebContext, WebLowering, WebValue } from "../lowering.js";
import { same } from "./rows.js";

/**
 * The WebAssembly kernels of Maximum and Minimum return NaN for one in their first operand alone: a constant becomes the second
 * one, and else NaN is taken from the second operand.
 */
export const extreme: WebLowering = (context) => {
	const { node, input, emit } = context;
	if (!isReal(context)) return same()(context);
	const [x, y] = [input(0), input(1)];
	const isNumber = [0, 1].map((i) => hasNoNan(context.constant(i)));
	if (isNumber[1]) return emit(node.op, [x, y]);
	if (isNumber[0]) return emit(node.op, [y, x]);
	return withNanOf(context, y, emit(node.op, [x, y]));
};

function hasNoNan(constant: Tensor | undefined): boolean {
	return (
		constant?.dtype === "float32" &&
		!(constant.data as Float32Array).some(Number.isNaN)
	);
}

/** The WebAssembly kernel takes NaN for 0. */
export const sign: WebLowering = (context) => {
	const { input, emit } = context;
	if (!isReal(context)) return same()(context);
	return withNanOf(context, input(0), emit("Sign", [input(0)]));
};

/** Kernels that compare find nothing where NaN comes first: it becomes what nothing is below (or above). */
export function withoutNan(value: number): WebLowering {
	return (context) => {
		const { node, inputs, input, emit, scalar } = context;
		if (!isReal(context)) return same()(context);
		const x = input(0);
		const numbers = emit(
			"SelectV2",
			[emit("IsNan", [x]), scalar(value, inputs[0].dtype), x],
			{ T: type(inputs[0].dtype) },
		);
		return emit(node.op, [
			numbers,
			...node.inputs.slice(1).map((_, i) => input(i + 1)),
		]);
	};
}

function withNanOf(
	{ inputs, emit }: WebContext,
	x: WebValue,
	made: WebValue,
): WebValue {
	return emit("SelectV2", [emit("IsNan", [x]), x, made], {
		T: type(inputs[0].dtype),
	});
}

function isReal({ inputs }: WebContext): boolean {
	const { kind } = DTYPES[inputs[0].dtype];
	return kind === "float" || kind === "half";
}
