import type { nnOps } from "../ops/nn.js";
import type { HostTable } from "./kernel.js";

export const nnKernels: HostTable<typeof nnOps> = {};
