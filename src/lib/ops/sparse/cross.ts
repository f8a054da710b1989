import { dtypeAttr } from "../../graph/attrs.js";
import { type OpEntry, primitive } from "../define.js";
import { sparseTypes } from "./parts.js";

/** Columns of features, crossed: each combination of one value of each. */
export const crossOps = {
	SparseCross: primitive(({ node }) =>
		sparseTypes(dtypeAttr(node, "out_type"), 2),
	),
	SparseCrossV2: primitive(() => sparseTypes("string", 2)),
	SparseCrossHashed: primitive(() => sparseTypes("int64", 2)),
	RaggedCross: primitive(({ node }) => [
		{ dtype: dtypeAttr(node, "out_values_type"), shape: [-1] },
		{ dtype: dtypeAttr(node, "out_row_splits_type"), shape: [-1] },
	]),
} as const satisfies Record<string, OpEntry>;
