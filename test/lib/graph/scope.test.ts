import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { GraphDefSchema } from "../../../src/gen/graph_pb.js";
import {
	givenKey,
	parseReference,
	readLibrary,
} from "../../../src/lib/graph/scope.js";

// The forms are those of tensorflow/core/framework/node_def.proto (graphs) and function.proto (bodies of functions).
test.each([
	["conv", { control: false, node: "conv", index: 0 }],
	["split:2", { control: false, node: "split", index: 2 }],
	[
		"split:output:2",
		{ control: false, node: "split", output: "output", index: 2 },
	],
	["^assert", { control: true, node: "assert", index: 0 }],
])("parseReference() reads %s", (text, expected) => {
	expect(parseReference(text)).toEqual(expected);
});

test.each(["a:b", "a:b:c", "a:1:2:3", "a:-1"])(
	"parseReference() refuses %s",
	(text) => {
		expect(() => parseReference(text)).toThrow(
			`cannot read the tensor reference "${text}"`,
		);
	},
);

test("givenKey() means the same tensor by x and x:0", () => {
	expect(givenKey(parseReference("x:0"))).toBe(givenKey(parseReference("x")));
	expect(givenKey(parseReference("x:1"))).toBe("x:1");
});

test("an effect is found behind 20,000 functions that call one another", () => {
	const depth = 20_000;
	const functions = Array.from({ length: depth }, (_, i) => ({
		signature: { name: `f${i}` },
		nodeDef: [
			{ name: "n", op: i === depth - 1 ? "Print" : `f${i + 1}` },
			{ name: "again", op: `f${i}` },
		],
	}));
	const graph = create(GraphDefSchema, {
		node: [
			{ name: "call", op: "f0" },
			{ name: "other", op: "Relu" },
		],
		library: { function: functions },
	});
	const { hasEffect } = readLibrary(graph, new Set(["Print"]));
	expect(graph.node.map(hasEffect)).toEqual([true, false]);
});
