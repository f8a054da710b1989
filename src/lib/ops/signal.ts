import type { OpEntry } from "./define.js";

/** Waves and their spectra: the host's alone, as complex numbers are. */
export const signalOps = {} as const satisfies Record<string, OpEntry>;
