import type { tableOps } from "../ops/table.js";
import type { HostFamily } from "./kernel.js";
import { handleRows } from "./table/handles.js";
import { lookupRows } from "./table/lookups.js";
import { textFileRows } from "./table/text-file.js";

export const tableKernels: HostFamily<typeof tableOps> = {
	...handleRows,
	...lookupRows,
	...textFileRows,
};
