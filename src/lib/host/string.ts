import type { stringOps } from "../ops/string.js";
import type { HostFamily } from "./kernel.js";

export const stringKernels: HostFamily<typeof stringOps> = {};
