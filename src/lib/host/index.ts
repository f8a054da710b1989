import { arrayKernels } from "./array.js";
import type { HostKernel } from "./kernel.js";
import { mathKernels } from "./math.js";
import { reduceKernels } from "./reduce.js";

/** THE table of kernels in TypeScript, family by family. */
export const KERNELS: Readonly<Record<string, HostKernel | undefined>> = {
	...mathKernels,
	...reduceKernels,
	...arrayKernels,
};
