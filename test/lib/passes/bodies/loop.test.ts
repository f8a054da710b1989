import { expect, test } from "vitest";
import { inferTypes } from "../../../../src/lib/graph/infer.js";
import type { Graph } from "../../../../src/lib/graph/ir.js";
import { prepareProgram } from "../../../../src/lib/passes/bodies.js";
import {
	graph,
	number,
	opsOf,
	programWith,
	withOutputs,
} from "../../graph/graphs.js";
import { constant, node } from "../../graph/programs.js";
import { countingLoop } from "./loops.js";

/** The counting loop up to 3, as it is settled. */
function settled() {
	const loop = countingLoop();
	const main = graph(
		[["input:x", "float32", [2]]],
		[number("start", 0), number("limit", 3), loop.node],
		[
			["loop:2", "float32"],
			["loop:1", "int32"],
		],
	);
	return prepareProgram(
		programWith(main, { cond: loop.cond, body: loop.body }),
		[],
	);
}

test("a loop no longer carries a constant that it gives back as it is: both bodies have it", () => {
	const { nodes, functions, outputs } = settled();
	const loop = nodes.find(({ op }) => op === "While");
	expect(loop?.inputs).toEqual(["start:0", "input:x"]);
	expect(loop?.attrs.T).toEqual(["int32", "float32"]);
	for (const name of ["body", "cond"]) {
		const body = functions.get(name) as Graph;
		expect(body.inputs).toHaveLength(2);
		const own = name === "body" ? "body/n" : "cond/n";
		expect([...(inferTypes(body).constant(own)?.data ?? [])]).toEqual([3]);
	}
	// who asked the loop for it gets the constant
	expect(outputs.map(({ value }) => value)).toEqual(["loop:2", "limit:0"]);
});

test("what grows in every round has no size, though the first round's is known", () => {
	const loop = withOutputs(
		node("loop", "While", ["input:x"], {
			T: ["float32"],
			output_shapes: [{ dims: [1] }],
			cond: { function: "cond" },
			body: { function: "body" },
		}),
		1,
	);
	const body = graph(
		[["b", "float32"]],
		[
			constant("more", [1], [7]),
			number("axis", 0),
			node("longer", "ConcatV2", ["b", "more:0", "axis:0"], {
				N: 2,
				T: "float32",
				Tidx: "int32",
			}),
		],
		[["longer:0", "float32"]],
	);
	const cond = graph(
		[["c", "float32"]],
		[
			number("four", 4),
			node("size", "Size", ["c"], { T: "float32", out_type: "int32" }),
			node("less", "Less", ["size:0", "four:0"], { T: "int32" }),
		],
		[["less:0", "bool"]],
	);
	const main = graph(
		[["input:x", "float32", [1]]],
		[loop],
		[["loop:0", "float32"]],
	);
	const prepared = prepareProgram(programWith(main, { cond, body }), []);
	expect(prepared.nodes[0].attrs.output_shapes).toEqual([{ dims: [-1] }]);
	expect(prepared.functions.get("body")?.inputs[0].shape).toEqual([-1]);
	expect(opsOf(prepared)).toEqual(["While"]);
});
