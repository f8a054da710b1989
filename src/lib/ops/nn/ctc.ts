import { intAttr } from "../../graph/attrs.js";

import { type OpEntry, primitive } from "../define.js";
import { sparseTypes } from "../sparse/parts.js";
import { greedyPath } from "./greedy-path.js";

/** Connectionist temporal classification: what a sequence of scores [time, batch, classes] says. */
export const ctcOps = {
	CTCGreedyDecoder: primitive(
		({ inputs: [scores] }) => [
			...sparseTypes("int64", 2),
			{ dtype: scores.dtype, shape: [scores.shape?.[1] ?? -1, 1] },
		],
		greedyPath,
	),
	CTCBeamSearchDecoder: primitive(({ node, inputs: [scores] }) => {
		const paths = intAttr(node, "top_paths");
		return [
			...sparseTypes("int64", 2).flatMap((type) =>
				Array.from({ length: paths }, () => type),
			),
			{ dtype: scores.dtype, shape: [scores.shape?.[1] ?? -1, paths] },
		];
	}),
	CTCLoss: primitive(({ inputs: [scores] }) => [
		{ dtype: scores.dtype, shape: [scores.shape?.[1] ?? -1] },
		scores,
	]),
} as const satisfies Record<string, OpEntry>;
