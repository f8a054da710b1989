import type { reduceOps } from "../../../ops/reduce.js";
import type { LoweringTable } from "../lowering.js";
import { countLowerings } from "./reduce/count.js";
import {
	cumulativeLogSum,
	cumulativeProduct,
	cumulativeSum,
} from "./reduce/cumulative.js";
import { orderLowerings, searchLowerings } from "./reduce/order.js";
import { reductionLowerings } from "./reduce/reduction.js";
import { segmentLowerings } from "./reduce/segment.js";

export const reduceLowerings: LoweringTable<typeof reduceOps> = {
	...reductionLowerings,
	Cumsum: cumulativeSum,
	Cumprod: cumulativeProduct,
	CumulativeLogsumexp: cumulativeLogSum,
	...segmentLowerings,
	...countLowerings,
	...orderLowerings,
	...searchLowerings,
};
