import { expect, test } from "vitest";
import { givenKey, parseReference } from "../../../src/lib/graph/scope.js";

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
