import type { quantizedOps } from "../ops/quantized.js";
import type { HostFamily } from "./kernel.js";

export const quantizedKernels: HostFamily<typeof quantizedOps> = {};
