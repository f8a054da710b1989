import { arrayOps } from "./array.js";
import type { OpEntry } from "./define.js";
import { imageOps } from "./image.js";
import { linalgOps } from "./linalg.js";
import { mathOps } from "./math.js";
import { nnOps } from "./nn.js";
import { reduceOps } from "./reduce.js";

/** THE op table, family by family. */
export const OPS: Readonly<Record<string, OpEntry | undefined>> = {
	...mathOps,
	...reduceOps,
	...arrayOps,
	...nnOps,
	...linalgOps,
	...imageOps,
};
