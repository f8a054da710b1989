import type { randomOps } from "../ops/random.js";
import type { HostFamily } from "./kernel.js";

export const randomKernels: HostFamily<typeof randomOps> = {};
