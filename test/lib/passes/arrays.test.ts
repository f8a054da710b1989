import { expect, test } from "vitest";
import { checkProgram } from "../../../src/lib/graph/check.js";
import { arraysAsLists, hasArrays } from "../../../src/lib/passes/arrays.js";
import { withKnownItems } from "../../../src/lib/passes/lists/items.js";
import { tensorFromNumbers } from "../../../src/lib/tensor/numbers.js";
import { constantOf, node, program } from "../graph/programs.js";

const ints = (name: string, ...values: number[]) =>
	constantOf(name, tensorFromNumbers("int32", [values.length], values));
const int = (name: string, value: number) =>
	constantOf(name, tensorFromNumbers("int32", [], [value]));

/** Three rows are put into an array in another order, and the second one is read. */
const subject = program(
	[3, 2],
	[
		int("size", 3),
		ints("order", 2, 0, 1),
		int("one", 1),
		{
			...node("array", "TensorArrayV3", ["size:0"], {
				dtype: "float32",
				element_shape: { dims: [2] },
				dynamic_size: false,
			}),
			outputs: ["array:0", "array:1"],
		},
		node(
			"put",
			"TensorArrayScatterV3",
			["array:0", "order:0", "input:x", "array:1"],
			{ T: "float32" },
		),
		node("read", "TensorArrayReadV3", ["array:0", "one:0", "put:0"], {
			dtype: "float32",
		}),
	],
	"read:0",
);

test("arrays of TensorFlow 1 become lists that their flow carries", () => {
	expect(hasArrays(subject)).toBe(true);
	const made = arraysAsLists(subject);
	checkProgram(made);
	const ops = made.nodes.map(({ op }) => op);
	expect(ops).toContain("TensorListScatterV2");
	expect(ops).toContain("TensorListGetItem");
	expect(ops.filter((op) => op.startsWith("TensorArray"))).toEqual([]);
});

test("lists whose places are known become their elements", () => {
	const made = withKnownItems(arraysAsLists(subject));
	expect(made).toBeDefined();
	if (made === undefined) return;
	checkProgram(made);
	expect(made.nodes.filter(({ op }) => op.startsWith("TensorList"))).toEqual(
		[],
	);
	// element 1 of the array is row 2 of the input
	const read = made.nodes.find(({ outputs }) => outputs.includes("read:0"));
	expect(read?.inputs[0]).toMatch(/Unpack_\d+:2$/);
});

test("a program without lists is left as it is", () => {
	expect(
		withKnownItems(
			program([2], [node("y", "Neg", ["input:x"], { T: "float32" })], "y:0"),
		),
	).toBeUndefined();
});
