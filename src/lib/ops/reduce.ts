import { type OpEntry, primitive } from "./define.js";
import { sameType } from "./math/unary.js";
import { countOps } from "./reduce/count.js";
import { orderOps } from "./reduce/order.js";
import { reductionOps } from "./reduce/reduction.js";
import { searchOps } from "./reduce/search.js";
import { segmentOps } from "./reduce/segment.js";

/** Ops that make fewer elements of many, or look at elements in their order. */
export const reduceOps = {
	...reductionOps,
	Cumsum: primitive(sameType),
	Cumprod: primitive(sameType),
	CumulativeLogsumexp: primitive(sameType),
	...segmentOps,
	...countOps,
	...orderOps,
	...searchOps,
} as const satisfies Record<string, OpEntry>;
