import type { sparseOps } from "../ops/sparse.js";
import type { HostFamily } from "./kernel.js";

export const sparseKernels: HostFamily<typeof sparseOps> = {};
