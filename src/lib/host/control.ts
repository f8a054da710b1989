import type { controlOps } from "../ops/control.js";
import type { HostFamily } from "./kernel.js";

export const controlKernels: HostFamily<typeof controlOps> = {};
