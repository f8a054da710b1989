import type { OpEntry } from "./define.js";
import { conversionOps } from "./quantized/conversion.js";
import { networkOps } from "./quantized/network.js";

/** Numbers in steps of a scale: the host's alone, as ONNX has no such element types. */
export const quantizedOps = {
	...conversionOps,
	...networkOps,
} as const satisfies Record<string, OpEntry>;
