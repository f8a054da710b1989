import { expect, test } from "vitest";
import type { Graph } from "../../../../src/lib/graph/ir.js";
import { prepareProgram } from "../../../../src/lib/passes/bodies.js";
import { graph, number, opsOf, programWith } from "../../graph/graphs.js";
import { constant, node } from "../../graph/programs.js";

/** A graph that gives its input `value` back through an op. */
const unary = (prefix: string, op: string, of: number): Graph =>
	graph(
		[
			[`${prefix}/0`, "float32"],
			[`${prefix}/1`, "float32"],
		],
		[node(`${prefix}/y`, op, [`${prefix}/${of}`], { T: "float32" })],
		[[`${prefix}/y:0`, "float32"]],
	);

/** `if predicate then -a else relu(a)`, where b is never asked for. */
const main = (predicate: string, a = "input:x") =>
	programWith(
		graph(
			[
				["input:p", "bool", []],
				["input:x", "float32", [2, 3]],
				["input:b", "float32", [4]],
			],
			[
				number("yes", 1),
				number("rows", 0),
				constant("weights", [2], [5, 6]),
				node("if", "If", [predicate, a, "input:b"], {
					Tcond: "bool",
					Tin: ["float32", "float32"],
					Tout: ["float32"],
					then_branch: { function: "neg" },
					else_branch: { function: "relu" },
					output_shapes: [],
				}),
			],
			[["if:0", "float32"]],
		),
		{ neg: unary("neg", "Neg", 0), relu: unary("relu", "Relu", 0) },
	);

test("branches are told the types of what they are given, and not given what neither uses", () => {
	const prepared = prepareProgram(main("input:p"), []);
	const branch = prepared.nodes.find(({ op }) => op === "If");
	expect(branch?.inputs).toEqual(["input:p", "input:x"]);
	expect(branch?.attrs.Tin).toEqual(["float32"]);
	expect(branch?.attrs.output_shapes).toEqual([{ dims: [2, 3] }]);
	for (const body of prepared.functions.values())
		expect(body.inputs.map(({ shape }) => shape)).toEqual([[2, 3]]);
});

test("a constant that branches are given is a constant of each", () => {
	const prepared = prepareProgram(main("input:p", "weights:0"), []);
	expect(prepared.nodes.find(({ op }) => op === "If")?.inputs).toEqual([
		"input:p",
	]);
	for (const body of prepared.functions.values()) {
		expect(body.inputs).toEqual([]);
		expect(body.nodes.map(({ op }) => op)).toContain("Const");
	}
});

test("a branch that is always taken stands in place of the choice", () => {
	expect(opsOf(prepareProgram(main("yes:0"), []))).toEqual(["Neg"]);
	expect(opsOf(prepareProgram(main("rows:0"), []))).toEqual(["Relu"]);
});
