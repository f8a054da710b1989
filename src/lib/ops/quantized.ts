import type { OpEntry } from "./define.js";

/** Numbers in steps of a scale: the host's alone, as ONNX has no such element types. */
export const quantizedOps = {} as const satisfies Record<string, OpEntry>;
