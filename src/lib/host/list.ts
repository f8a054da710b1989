import type { listOps } from "../ops/list.js";
import type { HostFamily } from "./kernel.js";

export const listKernels: HostFamily<typeof listOps> = {};
