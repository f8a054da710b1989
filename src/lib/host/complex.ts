import type { HostKernel } from "./kernel.js";

/** Ops on complex numbers, which no numeric runtime has: consulted first where an input or output of a node is complex. */
export const complexKernels: Readonly<Record<string, HostKernel | undefined>> =
	{};
