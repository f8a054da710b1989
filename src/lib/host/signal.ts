import type { signalOps } from "../ops/signal.js";
import type { HostFamily } from "./kernel.js";
import { audioKernels } from "./signal/audio.js";
import { spectrumKernels } from "./signal/spectrum.js";

export const signalKernels: HostFamily<typeof signalOps> = {
	...spectrumKernels,
	...audioKernels,
};
