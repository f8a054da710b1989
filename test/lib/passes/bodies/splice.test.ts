import { expect, test } from "vitest";
import { checkProgram } from "../../../../src/lib/graph/check.js";
import { spliceBranches } from "../../../../src/lib/passes/bodies/splice.js";
import { tensorFromNumbers } from "../../../../src/lib/tensor/numbers.js";
import { graph, number, opsOf, programWith } from "../../graph/graphs.js";
import { constantOf, node } from "../../graph/programs.js";

const branch = (op: string) =>
	graph(
		[[`${op}/x`, "float32"]],
		[node(`${op}/y`, op, [`${op}/x`], { T: "float32" })],
		[[`${op}/y:0`, "float32"]],
	);
const BRANCHES = { neg: branch("Neg"), relu: branch("Relu") };

const chosen = (index: string) =>
	programWith(
		graph(
			[
				["input:i", "int32", []],
				["input:x", "float32", [2]],
			],
			[
				number("zero", 0),
				number("nine", 9),
				number("minus", -1),
				constantOf("list", tensorFromNumbers("int32", [1], [0])),
				node("case", "Case", [index, "input:x"], {
					Tin: ["float32"],
					Tout: ["float32"],
					branches: [{ function: "neg" }, { function: "relu" }],
					output_shapes: [],
				}),
				node("tanh", "Tanh", ["case:0"], { T: "float32" }),
			],
			[["tanh:0", "float32"]],
		),
		BRANCHES,
	);

// Case: "a branch index out of range selects the last branch" (tensorflow/core/ops/functional_ops.cc)
test.each([
	["zero:0", "Neg"],
	["nine:0", "Relu"],
	["minus:0", "Relu"],
])("case %s is branch %s, whose nodes stand in its place", (index, op) => {
	const program = chosen(index);
	const spliced = { ...program, ...spliceBranches(program, program.functions) };
	checkProgram(spliced);
	expect(opsOf(spliced)).toEqual([op, "Tanh"]);
	const [first, second] = spliced.nodes.filter((n) => n.op !== "Const");
	expect(first.inputs).toEqual(["input:x"]);
	expect(second.inputs).toEqual(first.outputs);
});

test.each([
	["is known at the run only", "input:i"],
	["is no scalar", "list:0"],
])("a case whose index %s stays", (_, index) => {
	const program = chosen(index);
	expect(spliceBranches(program, program.functions)).toBe(program);
});
