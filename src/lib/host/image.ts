import type { imageOps } from "../ops/image.js";
import type { HostTable } from "./kernel.js";

export const imageKernels: HostTable<typeof imageOps> = {};
