import type { DType } from "../../../../tensor/dtype.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";

/** A scalar 0, false, or string of no bytes. */
export function zeroOf(
	{ initializer, scalar }: LowerContext,
	dtype: DType,
): OnnxValue {
	return dtype === "string"
		? initializer({ dtype, shape: [], data: [new Uint8Array(0)] })
		: scalar(dtype, 0);
}
