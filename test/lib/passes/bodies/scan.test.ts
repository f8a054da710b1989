import { expect, test } from "vitest";
import { checkProgram } from "../../../../src/lib/graph/check.js";
import type { Graph, Node } from "../../../../src/lib/graph/ir.js";
import { scanLoops } from "../../../../src/lib/passes/bodies/scan.js";
import { ints } from "../../../one-node.js";
import {
	graph,
	number,
	opsOf,
	programWith,
	withOutputs,
} from "../../graph/graphs.js";
import { constantOf, node } from "../../graph/programs.js";

const FLOATS = { element_dtype: "float32" };
const ROW = [2];
const row = (name: string) => constantOf(name, ints(...ROW));

/** `for i in range(3): ys[i] = tanh(xs[i])`, where lists hold xs and ys. */
function mapped({
	rounds = 3,
	room = 3,
	after = [],
	returned = [["stack:0", "float32"]],
}: {
	readonly rounds?: number;
	readonly room?: number;
	readonly after?: readonly Node[];
	readonly returned?: Parameters<typeof graph>[2];
} = {}) {
	const ports = (prefix: string) =>
		[
			[`${prefix}i`, "int32", []],
			[`${prefix}xs`, "variant", []],
			[`${prefix}ys`, "variant", []],
		] as const;
	const body = graph(
		ports("b/"),
		[
			number("b/one", 1),
			row("b/width"),
			node("b/next", "AddV2", ["b/i", "b/one:0"], { T: "int32" }),
			node("b/x", "TensorListGetItem", ["b/xs", "b/i", "b/width:0"], FLOATS),
			node("b/y", "Tanh", ["b/x:0"], { T: "float32" }),
			node("b/set", "TensorListSetItem", ["b/ys", "b/i", "b/y:0"], FLOATS),
		],
		[
			["b/next:0", "int32", []],
			["b/xs", "variant", []],
			["b/set:0", "variant", []],
		],
	);
	const cond = graph(
		ports("c/"),
		[
			number("c/rounds", rounds),
			node("c/less", "Less", ["c/i", "c/rounds:0"], { T: "int32" }),
		],
		[["c/less:0", "bool", []]],
	);
	const main = graph(
		[["input:x", "float32", [3, ...ROW]]],
		[
			number("zero", 0),
			number("room", room),
			row("width"),
			node("xs", "TensorListFromTensor", ["input:x", "width:0"], FLOATS),
			node("ys", "TensorListReserve", ["width:0", "room:0"], FLOATS),
			withOutputs(
				node("loop", "While", ["zero:0", "xs:0", "ys:0"], {
					T: ["int32", "variant", "variant"],
					output_shapes: [{ dims: [] }, { dims: [] }, { dims: [] }],
					cond: { function: "cond" },
					body: { function: "body" },
				}),
				3,
			),
			node("stack", "TensorListStack", ["loop:2", "width:0"], {
				...FLOATS,
				num_elements: -1,
			}),
			...after,
		],
		returned,
	);
	const functions = new Map<string, Graph>([
		["body", body],
		["cond", cond],
	]);
	return { main, functions };
}

test("a loop over the rows of a tensor carries no lists: it gathers rows and gives back a stack", () => {
	const { main, functions } = mapped();
	const scanned = scanLoops(main, functions);
	const loop = scanned.nodes.find(({ op }) => op === "While") as Node;
	expect(loop.inputs).toEqual(["zero:0", "input:x"]);
	expect(loop.attrs).toMatchObject({
		T: ["int32", "float32", "float32"],
		_stacked: 1,
	});
	// three rounds, a row of two in each
	expect(loop.attrs.output_shapes).toMatchObject([
		{},
		{},
		{ dims: [3, ...ROW] },
	]);
	expect(scanned.outputs[0].value).toBe(loop.outputs[2]);
	const body = functions.get("body") as Graph;
	expect(opsOf(body)).toEqual(["AddV2", "GatherV2", "Tanh"]);
	expect(body.inputs.map(({ dtype }) => dtype)).toEqual(["int32", "float32"]);
	checkProgram(programWith(scanned, Object.fromEntries(functions)));
});

const length = node("length", "TensorListLength", ["loop:1"]);

test.each([
	["has more room than there are rounds", mapped({ room: 4 })],
	["is returned as a list", mapped({ returned: [["loop:2", "variant"]] })],
	["is asked for its length after the loop", mapped({ after: [length] })],
])("a loop stays as it is whose list %s", (_, { main, functions }) => {
	const before = new Map(functions);
	expect(scanLoops(main, functions)).toBe(main);
	expect(functions).toEqual(before);
});
