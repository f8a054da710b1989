import { expect, test } from "vitest";
import { checkGraph } from "../../../src/lib/graph/check.js";
import type { Graph, Node } from "../../../src/lib/graph/ir.js";

const relu = (name: string, input: string): Node => ({
	name,
	op: "Relu",
	inputs: [input],
	outputs: [`${name}:0`],
	attrs: { T: "float32" },
});
const graph = (nodes: Node[], output: string): Graph => ({
	inputs: [{ name: "x", value: "input:x", dtype: "float32", shape: [-1] }],
	outputs: [{ name: "y", value: output, dtype: "float32", shape: [-1] }],
	nodes,
});

test("checkGraph() accepts nodes in order", () => {
	expect(() =>
		checkGraph(graph([relu("a", "input:x"), relu("b", "a:0")], "b:0")),
	).not.toThrow();
});

test.each([
	[
		"a value that comes later",
		graph([relu("a", "b:0"), relu("b", "input:x")], "b:0"),
		'node "a" (Relu) uses value "b:0"',
	],
	[
		"two nodes of one name",
		graph([relu("a", "input:x"), relu("a", "input:x")], "a:0"),
		'two nodes are called "a"',
	],
	[
		"an output that nothing makes",
		graph([], "a:0"),
		'output "y" is value "a:0"',
	],
])("checkGraph() refuses %s", (_, broken, message) => {
	expect(() => checkGraph(broken)).toThrow(message);
});
