import type { tableOps } from "../ops/table.js";
import type { HostFamily } from "./kernel.js";

export const tableKernels: HostFamily<typeof tableOps> = {};
