import { dtypeAttr } from "../graph/attrs.js";
import { type OpEntry, primitive } from "./define.js";

/** What finds something in a table becomes where the table's keys and values, one each, are attributes (passes/tables.ts). */
export const lookupOps = {
	_Lookup: primitive(({ node, inputs: [keys] }) => [
		{ dtype: dtypeAttr(node, "Tout"), shape: keys.shape },
	]),
} as const satisfies Record<string, OpEntry>;
