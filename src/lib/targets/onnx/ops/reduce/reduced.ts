import { boolAttr } from "../../../../graph/attrs.js";
import { DTYPES } from "../../../../tensor/dtype.js";
import type { Shape } from "../../../../tensor/tensor.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";

/** A node's reduction: of what, along which axes, in which layout. */
export interface Reduction {
	readonly context: LowerContext;
	readonly x: OnnxValue;
	/** The shape of `x` in its layout. */
	readonly shape: Shape;
	readonly axes: OnnxValue;
	/** The axes, where they are constants. */
	readonly known: readonly number[] | undefined;
	readonly isNeverEmpty: boolean;
	/** Whether ONNX's global pooling computes the mean, and faster. */
	readonly isPooling: boolean;
}

/** Reduces a value with an ONNX op. No axes mean no reduction in TensorFlow, all axes in ONNX unless told otherwise. */
export function reduced(
	{ context, axes, x }: Reduction,
	op: string,
	value = x,
	keepDims = boolAttr(context.node, "keep_dims"),
): OnnxValue {
	return context.emit(op, [value, axes], {
		keepdims: Number(keepDims),
		noop_with_empty_axes: 1,
	});
}

export function isFloat({ dtype }: OnnxValue): boolean {
	const { kind } = DTYPES[dtype];
	return kind === "float" || kind === "half";
}
