import type { parseOps } from "../ops/parse.js";
import type { HostFamily } from "./kernel.js";

export const parseKernels: HostFamily<typeof parseOps> = {};
