import type { OpEntry } from "./define.js";
import { accessOps } from "./list/access.js";
import { arrayOps } from "./list/array.js";
import { bulkOps } from "./list/bulk.js";
import { joiningOps } from "./list/joining.js";
import { queueOps } from "./list/queue.js";

/** Lists and arrays of tensors: the host's alone. */
export const listOps = {
	...accessOps,
	...bulkOps,
	...joiningOps,
	...arrayOps,
	...queueOps,
} as const satisfies Record<string, OpEntry>;
