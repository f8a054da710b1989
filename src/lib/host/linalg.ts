import type { linalgOps } from "../ops/linalg.js";
import type { HostTable } from "./kernel.js";

export const linalgKernels: HostTable<typeof linalgOps> = {};
