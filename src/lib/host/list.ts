import type { listOps } from "../ops/list.js";
import type { HostFamily } from "./kernel.js";
import { accessKernels } from "./list/access.js";
import { arrayKernels } from "./list/array.js";
import { bulkKernels } from "./list/bulk.js";
import { joiningKernels } from "./list/joining.js";
import { queueKernels } from "./list/queue.js";

export const listKernels: HostFamily<typeof listOps> = {
	...accessKernels,
	...bulkKernels,
	...joiningKernels,
	...arrayKernels,
	...queueKernels,
};
