import type { Graph, Node } from "../../../../src/lib/graph/ir.js";
import { graph, number, withOutputs } from "../../graph/graphs.js";
import { node } from "../../graph/programs.js";

/** A loop that carries a counter `i`, a limit `n` that stays, and `x`, which a round halves; `i < n` holds it. */
export interface Loop {
	readonly node: Node;
	readonly body: Graph;
	readonly cond: Graph;
}

export function countingLoop({
	start = "start:0",
	step = 1,
	limit = "n",
}: {
	readonly start?: string;
	readonly step?: number;
	/** A value of the condition. */
	readonly limit?: string;
} = {}): Loop {
	const while_ = node("loop", "While", [start, "limit:0", "input:x"], {
		T: ["int32", "int32", "float32"],
		output_shapes: [{ dims: [] }, { dims: [] }, { dims: undefined }],
		cond: { function: "cond" },
		body: { function: "body" },
	});
	const carried = (prefix: string) =>
		[
			[`${prefix}i`, "int32", []],
			[`${prefix}n`, "int32", []],
			[`${prefix}x`, "float32", [2]],
		] as const;
	return {
		node: withOutputs(while_, 3),
		body: graph(
			carried("body/"),
			[
				number("body/step", step),
				node("body/next", "AddV2", ["body/i", "body/step:0"], { T: "int32" }),
				node("body/tanh", "Tanh", ["body/x"], { T: "float32" }),
			],
			[
				["body/next:0", "int32", []],
				["body/n", "int32", []],
				["body/tanh:0", "float32", [2]],
			],
		),
		cond: graph(
			carried("cond/"),
			[
				number("cond/five", 5),
				node(
					"cond/less",
					"Less",
					["cond/i", limit === "n" ? "cond/n" : limit],
					{
						T: "int32",
					},
				),
			],
			[["cond/less:0", "bool", []]],
		),
	};
}
