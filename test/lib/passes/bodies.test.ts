import { expect, test } from "vitest";
import { checkProgram } from "../../../src/lib/graph/check.js";
import type { Attrs, Graph } from "../../../src/lib/graph/ir.js";
import { prepareProgram } from "../../../src/lib/passes/bodies.js";
import { PASSES } from "../../../src/lib/passes/index.js";
import {
	graph,
	number,
	opsOf,
	programWith,
	withOutputs,
} from "../graph/graphs.js";
import { node } from "../graph/programs.js";

const FLOAT: Attrs = { T: "float32" };

/** A body of one op on its float input. */
const unary = (name: string, op: string): Graph =>
	graph(
		[[`${name}/x`, "float32"]],
		[node(`${name}/y`, op, [`${name}/x`], FLOAT)],
		[[`${name}/y:0`, "float32"]],
	);

/** While i < 9, x is negated where the number `mode` is positive, else squared; a round gives `mode` back as `kept`. */
function program(mode: string, kept = "body/mode") {
	const carried = (prefix: string) =>
		[
			[`${prefix}/i`, "int32", []],
			[`${prefix}/mode`, "int32", []],
			[`${prefix}/x`, "float32"],
		] as const;
	const loop = node("loop", "While", ["zero:0", mode, "x"], {
		T: ["int32", "int32", "float32"],
		output_shapes: [],
		cond: { function: "cond" },
		body: { function: "body" },
	});
	const choice = node("body/if", "If", ["body/positive:0", "body/x"], {
		Tcond: "bool",
		Tin: ["float32"],
		Tout: ["float32"],
		output_shapes: [],
		then_branch: { function: "neg" },
		else_branch: { function: "square" },
	});
	const main = graph(
		[
			["mode", "int32", []],
			["x", "float32", [-1, 3]],
		],
		[number("zero", 0), number("one", 1), withOutputs(loop, 3)],
		[["loop:2", "float32"]],
	);
	return programWith(main, {
		cond: graph(
			carried("cond"),
			[
				number("cond/nine", 9),
				node("cond/less", "Less", ["cond/i", "cond/nine:0"], { T: "int32" }),
			],
			[["cond/less:0", "bool"]],
		),
		body: graph(
			carried("body"),
			[
				number("body/one", 1),
				number("body/none", 0),
				node("body/next", "AddV2", ["body/i", "body/one:0"], { T: "int32" }),
				node("body/positive", "Greater", ["body/mode", "body/none:0"], {
					T: "int32",
				}),
				choice,
			],
			[
				["body/next:0", "int32"],
				[kept, "int32"],
				["body/if:0", "float32"],
			],
		),
		neg: unary("neg", "Neg"),
		square: unary("square", "Square"),
	});
}

test("a branch in a loop is told the shape that every round has", () => {
	const prepared = prepareProgram(program("mode"), PASSES);
	checkProgram(prepared);
	expect([...prepared.functions.keys()].sort()).toEqual([
		"body",
		"cond",
		"neg",
		"square",
	]);
	expect(prepared.functions.get("neg")?.inputs[0].shape).toEqual([-1, 3]);
});

test("a branch that a constant of the loop decides stands in its body, and no other body is left", () => {
	for (const [mode, op] of [
		["one:0", "Neg"],
		["zero:0", "Square"],
	]) {
		const prepared = prepareProgram(program(mode), PASSES);
		checkProgram(prepared);
		expect([...prepared.functions.keys()].sort()).toEqual(["body", "cond"]);
		const body = prepared.functions.get("body") as Graph;
		expect([...opsOf(body)].sort()).toEqual(["AddV2", op]);
	}
});

test("a number that changes from round to round decides nothing, whatever it starts with", () => {
	const { functions } = prepareProgram(program("one:0", "body/next:0"), PASSES);
	expect(opsOf(functions.get("body") as Graph)).toContain("If");
});

test("what fills tables is prepared like the graph", () => {
	const initializer = graph(
		[],
		[
			number("one", 1),
			node("two", "AddV2", ["one:0", "one:0"], { T: "int32" }),
			node("table", "MutableHashTableV2", [], { shared_name: "t" }),
			withOutputs(
				node("fill", "LookupTableInsertV2", ["table:0", "two:0", "one:0"]),
				0,
			),
		],
		[],
	);
	const prepared = prepareProgram({ ...program("mode"), initializer }, PASSES);
	expect(opsOf(prepared.initializer)).toEqual([
		"MutableHashTableV2",
		"LookupTableInsertV2",
	]);
});
