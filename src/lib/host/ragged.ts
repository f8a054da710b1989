import type { raggedOps } from "../ops/ragged.js";
import type { HostFamily } from "./kernel.js";

export const raggedKernels: HostFamily<typeof raggedOps> = {};
