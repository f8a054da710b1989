import type { randomOps } from "../ops/random.js";
import type { HostFamily } from "./kernel.js";
import { cropRows } from "./random/crop.js";
import { generatorRows } from "./random/generator-rows.js";
import { statefulRows } from "./random/stateful.js";
import { statelessRows } from "./random/stateless.js";

export const randomKernels: HostFamily<typeof randomOps> = {
	...statelessRows,
	...statefulRows,
	...generatorRows,
	...cropRows,
};
