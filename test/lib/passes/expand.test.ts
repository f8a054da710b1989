import { expect, test } from "vitest";
import { expandComposites, expanding } from "../../../src/lib/passes/expand.js";
import { tensorFromNumbers } from "../../../src/lib/tensor/numbers.js";
import { constantOf, node, program } from "../graph/programs.js";

const integers = (name: string, values: readonly number[]) =>
	constantOf(name, tensorFromNumbers("int32", [values.length], values));

const embedding = program(
	[5, 2],
	[
		integers("indices", [0, 3]),
		integers("ids", [0, 0]),
		node("sum", "SparseSegmentSum", ["input:x", "indices:0", "ids:0"], {
			T: "float32",
			Tidx: "int32",
			Tsegmentids: "int32",
		}),
	],
	"sum:0",
);
const opsOf = (found: typeof embedding) =>
	new Set(found.nodes.map(({ op }) => op));

test("a primitive operation stays where somebody computes it, and is said in others where nobody does", () => {
	expect(opsOf(expandComposites(embedding))).toContain("SparseSegmentSum");
	const lacking = expanding((op) => op === "SparseSegmentSum")(embedding);
	expect(opsOf(lacking)).not.toContain("SparseSegmentSum");
	expect(opsOf(lacking)).toContain("UnsortedSegmentSum");
});
