import type { pictureOps } from "../ops/picture.js";
import type { HostFamily } from "./kernel.js";
import { decodingKernels } from "./picture/decoding.js";
import { encodingKernels } from "./picture/encoding.js";

export const pictureKernels: HostFamily<typeof pictureOps> = {
	...decodingKernels,
	...encodingKernels,
};
