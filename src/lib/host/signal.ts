import type { signalOps } from "../ops/signal.js";
import type { HostFamily } from "./kernel.js";

export const signalKernels: HostFamily<typeof signalOps> = {};
