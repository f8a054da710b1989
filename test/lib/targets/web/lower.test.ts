import { expect, test } from "vitest";
import {
	type Attrs,
	NO_INITIALIZER,
	type Node,
	type Program,
} from "../../../../src/lib/graph/ir.js";
import { lowerToWeb } from "../../../../src/lib/targets/web/lower.js";
import type { WebNode } from "../../../../src/lib/targets/web/topology.js";
import type { DType } from "../../../../src/lib/tensor/dtype.js";
import { tensorFromNumbers } from "../../../../src/lib/tensor/numbers.js";
import type { Shape } from "../../../../src/lib/tensor/tensor.js";
import { constant, constantOf, node, program } from "../../graph/programs.js";

/** A program whose input and output have one type. */
function typed(
	dtype: DType,
	shape: Shape,
	nodes: readonly Node[],
	output: string,
): Program {
	const base = program(shape, nodes, output, dtype);
	return { ...base, inputs: [{ ...base.inputs[0], dtype }] };
}

const ints = (name: string, dtype: DType, ...values: number[]) =>
	constantOf(name, tensorFromNumbers(dtype, [values.length], values));

function nodesOf(lowered: ReturnType<typeof lowerToWeb>): readonly WebNode[] {
	expect(lowered.obstacles).toEqual([]);
	return lowered.model.topology.node;
}

const reasons = (subject: Program) =>
	lowerToWeb(subject).obstacles.map(({ node: { op }, reason }) => [op, reason]);

test("a graph model names its inputs and outputs as the signature does, and holds weights beside it", () => {
	const lowered = lowerToWeb(
		program(
			[-1, 2],
			[
				constant("a/w:x", [2], [1, 2]),
				node("add", "AddV2", ["input:x", "a/w:x:0"], { T: "float32" }),
			],
			"add:0",
		),
	);
	expect(
		nodesOf(lowered).map(({ name, op, input }) => [name, op, input]),
	).toEqual([
		["x", "Placeholder", undefined],
		["a/w_x", "Const", undefined],
		["add", "AddV2", ["x", "a/w_x"]],
		["y", "Identity", ["add"]],
	]);
	const { signature, weights } = lowered.model;
	expect(signature).toEqual({
		inputs: {
			x: {
				name: "x:0",
				dtype: "DT_FLOAT",
				tensorShape: { dim: [{ size: "-1" }, { size: "2" }] },
			},
		},
		outputs: {
			y: {
				name: "y:0",
				dtype: "DT_FLOAT",
				tensorShape: { unknownRank: true },
			},
		},
	});
	expect(weights).toMatchObject([{ name: "a/w_x", dtype: "float32" }]);
});

test("names are unique, whatever nodes and ports are called", () => {
	const lowered = lowerToWeb(
		program([2], [node("x", "Neg", ["input:x"], { T: "float32" })], "x:0"),
	);
	const names = nodesOf(lowered).map(({ name }) => name);
	expect(new Set(names).size).toBe(names.length);
});

test("all obstacles are told at once, each with its reason", () => {
	expect(
		reasons(
			program(
				[2],
				[
					node("a", "FrobnicateV2", ["input:x"]),
					node("b", "Bitcast", ["input:x"], { T: "float32", type: "int32" }),
				],
				"a:0",
			),
		),
	).toEqual([
		["FrobnicateV2", "TensorFlow.js has no such operation"],
		["Bitcast", "TensorFlow.js has no such operation"],
	]);
});

test.each<DType>(["float64", "uint32", "uint64", "string", "complex128"])(
	"%s tensors are refused",
	(dtype) => {
		expect(reasons(typed(dtype, [2], [], "input:x"))).toContainEqual([
			"Placeholder",
			`TensorFlow.js has no ${dtype} tensors`,
		]);
	},
);

const add = (dtype: DType, ...inputs: string[]) =>
	node("sum", "AddV2", inputs, { T: dtype });

test("sums of int64 are refused, which may not fit into 32 bits", () => {
	expect(
		reasons(typed("int64", [2], [add("int64", "input:x", "input:x")], "sum:0")),
	).toEqual([
		[
			"AddV2",
			"TensorFlow.js would compute int64 in 32 bits, where TensorFlow has 64",
		],
	]);
});

test.each<[DType, readonly string[]]>([
	["int32", ["AddV2"]],
	["uint8", ["AddV2", "FloorMod"]],
	// shifted to where no value is below zero
	["int8", ["AddV2", "AddV2", "FloorMod", "Sub"]],
])("sums of %s wrap around as TensorFlow's do", (dtype, wanted) => {
	const lowered = lowerToWeb(
		typed(dtype, [2], [add(dtype, "input:x", "input:x")], "sum:0"),
	);
	const ops = nodesOf(lowered).map(({ op }) => op);
	expect(
		ops.filter((op) => !["Placeholder", "Const", "Identity"].includes(op)),
	).toEqual(wanted);
});

test("sums of sizes are not refused: no tensor has so many elements", () => {
	expect(
		reasons({
			...program(
				undefined,
				[
					node("shape", "Shape", ["input:x"], {
						T: "float32",
						out_type: "int64",
					}),
					ints("one", "int64", 1),
					add("int64", "shape:0", "one:0"),
				],
				"sum:0",
				"int64",
			),
		}),
	).toEqual([]);
});

test("a slice becomes one of TensorFlow.js's simple slices: x[1, ..., ::2]", () => {
	const attrs: Attrs = {
		T: "float32",
		Index: "int32",
		begin_mask: 4,
		end_mask: 4,
		ellipsis_mask: 2,
		new_axis_mask: 0,
		shrink_axis_mask: 1,
	};
	const lowered = lowerToWeb(
		program(
			[3, 4, 5],
			[
				ints("begin", "int32", 1, 0, 0),
				ints("end", "int32", 2, 0, 0),
				ints("strides", "int32", 1, 1, 2),
				node(
					"slice",
					"StridedSlice",
					["input:x", "begin:0", "end:0", "strides:0"],
					attrs,
				),
			],
			"slice:0",
		),
	);
	const ops = nodesOf(lowered).filter(({ op }) => op !== "Const");
	expect(ops.map(({ op }) => op)).toEqual([
		"Placeholder",
		"StridedSlice",
		"Squeeze",
		"Identity",
	]);
	// axes 1 and 2 start at the start and end at the end: bits 2 and 4
	expect(ops[1].attr).toEqual({ begin_mask: { i: "6" }, end_mask: { i: "6" } });
});

test("bodies of control flow go into the library, once, under names of their own", () => {
	const body = (name: string, op: string) => ({
		inputs: [
			{
				name: "arg",
				value: `${name}/arg:0`,
				dtype: "float32" as const,
				shape: [2],
			},
		],
		outputs: [
			{
				name: "out",
				value: `${name}/op:0`,
				dtype: "float32" as const,
				shape: [2],
			},
		],
		nodes: [node(`${name}/op`, op, [`${name}/arg:0`], { T: "float32" })],
	});
	const either = node("if", "If", ["bit:0", "input:x"], {
		Tin: ["float32"],
		Tout: ["float32"],
		Tcond: "bool",
		then_branch: { function: "yes" },
		else_branch: { function: "no" },
		output_shapes: [],
	});
	const lowered = lowerToWeb({
		...program(
			[2],
			[constantOf("bit", tensorFromNumbers("bool", [], [1])), either],
			"if:0",
		),
		functions: new Map([
			["yes", body("yes", "Neg")],
			["no", body("no", "Abs")],
		]),
		initializer: NO_INITIALIZER,
	});
	// TensorFlow.js 4.22 knows branches under this name only
	expect(nodesOf(lowered).map(({ op }) => op)).toContain("StatelessIf");
	const functions = lowered.model.topology.library.function;
	expect(functions.map(({ signature }) => signature.name)).toEqual([
		"yes",
		"no",
	]);
	for (const { signature, nodeDef, ret } of functions) {
		const [{ name }] = signature.outputArg;
		expect(ret[name]).toBe(`${name}:0`);
		expect(nodeDef.map((made) => made.name)).toContain(name);
	}
});

test("what the body of a loop puts into a list goes round with it, or TensorFlow.js would free it", () => {
	const port = (name: string, value: string, dtype: DType) => ({
		name,
		value,
		dtype,
		shape: [],
	});
	const list = { element_dtype: "float32", shape_type: "int32" };
	const loop = node("loop", "While", ["list:0"], {
		T: ["variant"],
		cond: { function: "cond" },
		body: { function: "body" },
		output_shapes: [],
	});
	const base = program(
		[],
		[
			constantOf("any", tensorFromNumbers("int32", [], [-1])),
			constantOf("one", tensorFromNumbers("int32", [], [1])),
			node("list", "TensorListReserve", ["any:0", "one:0"], list),
			loop,
			node("length", "TensorListLength", ["loop:0"]),
		],
		"length:0",
		"int32",
	);
	const lowered = lowerToWeb({
		...base,
		functions: new Map([
			[
				"cond",
				{
					inputs: [port("list", "cond/list:0", "variant")],
					outputs: [port("more", "cond/no:0", "bool")],
					nodes: [constantOf("cond/no", tensorFromNumbers("bool", [], [0]))],
				},
			],
			[
				"body",
				{
					inputs: [port("list", "body/list:0", "variant")],
					outputs: [port("list_out", "body/set:0", "variant")],
					nodes: [
						constantOf("body/at", tensorFromNumbers("int32", [], [0])),
						constant("body/item", [], [7]),
						node(
							"body/set",
							"TensorListSetItem",
							["body/list:0", "body/at:0", "body/item:0"],
							list,
						),
					],
				},
			],
		]),
	});
	const nodes = nodesOf(lowered);
	const [body, cond] = lowered.model.topology.library.function;
	// the list and the element
	expect(body.signature.inputArg).toHaveLength(2);
	expect(body.signature.outputArg).toHaveLength(2);
	expect(cond.signature.inputArg).toHaveLength(2);
	expect(cond.signature.outputArg).toHaveLength(1);
	const call = nodes.find(({ op }) => op === "StatelessWhile");
	expect(call?.input).toHaveLength(2);
	const set = body.nodeDef.find(({ op }) => op === "TensorListSetItem");
	expect(set?.input?.[2]).toBe(body.signature.outputArg[1].name);
});
