import type { pictureOps } from "../ops/picture.js";
import type { HostFamily } from "./kernel.js";

export const pictureKernels: HostFamily<typeof pictureOps> = {};
