import type { OpEntry } from "./define.js";
import { cropOps } from "./random/crop.js";
import { generatorOps } from "./random/generator.js";
import { statefulRandomOps } from "./random/stateful.js";
import { statelessRandomOps } from "./random/stateless.js";

/** Random numbers: the host's alone, as their bits are defined. */
export const randomOps = {
	...statelessRandomOps,
	...statefulRandomOps,
	...generatorOps,
	...cropOps,
} as const satisfies Record<string, OpEntry>;
