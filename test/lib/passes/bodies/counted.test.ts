import { expect, test } from "vitest";
import { inferTypes } from "../../../../src/lib/graph/infer.js";
import type { Node } from "../../../../src/lib/graph/ir.js";
import {
	countedLoop,
	isSameCount,
} from "../../../../src/lib/passes/bodies/counted.js";
import { graph, number } from "../../graph/graphs.js";
import { node } from "../../graph/programs.js";
import { countingLoop, type Loop } from "./loops.js";

/** What stands around the loop: the limit is 3, or known at the run only. */
const around = (limit: Node) =>
	inferTypes(
		graph(
			[
				["input:x", "float32", [2]],
				["input:rows", "float32", [-1]],
			],
			[number("start", 0), number("one", 1), limit],
			[],
		),
	);
const THREE = number("limit", 3);
const SIZE = node("limit", "Size", ["input:rows"], {
	T: "float32",
	out_type: "int32",
});
const counted = ({ node: loop, body, cond }: Loop, limit: Node) =>
	countedLoop(loop, body, cond, around(limit));

test.each([
	["a constant that the loop carries", countingLoop(), THREE, { known: 3 }],
	["a value from around it", countingLoop(), SIZE, { value: "limit:0" }],
	[
		"a constant of the condition",
		countingLoop({ limit: "cond/five:0" }),
		SIZE,
		{ known: 5 },
	],
])("a loop that counts up to %s is counted", (_, loop, limit, rounds) => {
	const found = counted(loop, limit);
	expect(found?.rounds).toEqual(rounds);
	expect([...(found?.counters ?? [])]).toEqual(["body/i"]);
});

test.each([
	["starts at one", countingLoop({ start: "one:0" })],
	["goes on by two", countingLoop({ step: 2 })],
	["compares what it counts with itself", countingLoop({ limit: "cond/i" })],
])("a loop that %s is not counted", (_, loop) => {
	expect(counted(loop, THREE)).toBeUndefined();
});

test("a loop that may end sooner is not counted", () => {
	const { node: loop, body, cond } = countingLoop();
	const early = graph(
		[],
		[
			...cond.nodes,
			node("cond/any", "Any", ["cond/x"]),
			node("cond/both", "LogicalAnd", ["cond/less:0", "cond/any:0"]),
		],
		[["cond/both:0", "bool", []]],
	);
	const both = { ...early, inputs: cond.inputs };
	expect(countedLoop(loop, body, both, around(THREE))).toBeUndefined();
});

test("two numbers of rounds are the same where both are known and equal, or are one value", () => {
	const known = around(THREE);
	expect(isSameCount({ known: 3 }, "limit:0", known)).toBe(true);
	expect(isSameCount({ known: 4 }, "limit:0", known)).toBe(false);
	const unknown = around(SIZE);
	expect(isSameCount({ value: "limit:0" }, "limit:0", unknown)).toBe(true);
	expect(isSameCount({ known: 3 }, "limit:0", unknown)).toBe(false);
});
