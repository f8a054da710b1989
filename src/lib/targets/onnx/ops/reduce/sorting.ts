import type { LowerContext, OnnxValue } from "../../lowering.js";

/**
 * Values in an order that ONNX Runtime can see: it compares no uint64 in its reductions, but int64, and those are in
 * order once the highest bit is turned round. `restored` turns values back.
 */
export interface Sortable {
	readonly value: OnnxValue;
	restored(value: OnnxValue): OnnxValue;
}

export function sortable(context: LowerContext, value: OnnxValue): Sortable {
	if (value.dtype !== "uint64") return { value, restored: (same) => same };
	const { emit, cast, initializer } = context;
	const highestBit = initializer({
		dtype: "uint64",
		shape: [],
		data: BigUint64Array.of(2n ** 63n),
	});
	const turned = (bits: OnnxValue) => emit("BitwiseXor", [bits, highestBit]);
	return {
		value: cast(turned(value), "int64"),
		restored: (key) => turned(cast(key, "uint64")),
	};
}
