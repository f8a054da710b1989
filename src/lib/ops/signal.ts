import type { OpEntry } from "./define.js";
import { audioOps } from "./signal/audio.js";
import { spectrumOps } from "./signal/spectrum.js";

/** Spectra and sound: the host's alone, as no runtime has complex numbers. */
export const signalOps = {
	...spectrumOps,
	...audioOps,
} as const satisfies Record<string, OpEntry>;
