import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { GraphDefSchema } from "../../../src/gen/graph_pb.js";
import { findUsage } from "../../../src/lib/savedmodel/usage.js";

type GraphInit = MessageInitShape<typeof GraphDefSchema>;
type NodeInit = NonNullable<GraphInit["node"]>[number];

const func = (name: string) => ({
	value: { case: "func", value: { name } } as const,
});

function use(graph: GraphInit, ...outputs: string[]) {
	const { nodes, functions, readers } = findUsage(
		create(GraphDefSchema, graph),
		outputs,
	);
	return {
		nodes: [...nodes].map(({ name }) => name),
		functions: [...functions],
		readers: Object.fromEntries(
			[...readers].map(([key, users]) => [key, users.map((node) => node.name)]),
		),
	};
}

describe("findUsage()", () => {
	test("keeps what outputs need, control inputs too", () => {
		const node: NodeInit[] = [
			{ name: "unused", op: "Const" },
			{ name: "check", op: "Assert" },
			{ name: "x", op: "Placeholder" },
			{ name: "y", op: "Relu", input: ["x:0", "^check"] },
		];
		expect(use({ node }, "y:0").nodes).toEqual(["check", "x", "y"]);
	});

	test("enters calls and branches, and follows variables into them", () => {
		const node: NodeInit[] = [
			{ name: "x", op: "Placeholder" },
			{ name: "v", op: "VarHandleOp" },
			{ name: "w", op: "VarHandleOp" },
			{
				name: "call",
				op: "StatefulPartitionedCall",
				input: ["x", "v", "w"],
				attr: { f: func("outer") },
			},
		];
		const library: GraphInit["library"] = {
			function: [
				{
					signature: {
						name: "outer",
						inputArg: [{ name: "x" }, { name: "v" }, { name: "w" }],
					},
					nodeDef: [
						{ name: "read_v", op: "ReadVariableOp", input: ["v"] },
						{ name: "pass", op: "Identity", input: ["w"] },
						{
							name: "if",
							op: "If",
							input: ["x", "pass:output:0"],
							attr: {
								then_branch: func("reads"),
								else_branch: func("nothing"),
							},
						},
					],
				},
				{
					signature: { name: "reads", inputArg: [{ name: "handle" }] },
					nodeDef: [
						{ name: "read_w", op: "ReadVariableOp", input: ["handle"] },
					],
				},
				{ signature: { name: "nothing", inputArg: [{ name: "handle" }] } },
				{
					signature: { name: "unused" },
					nodeDef: [{ name: "no", op: "NoOp" }],
				},
			],
		};
		expect(use({ node, library }, "call:0")).toEqual({
			nodes: ["x", "v", "w", "call", "read_v", "pass", "if", "read_w"],
			functions: ["outer", "reads", "nothing"],
			readers: { v: ["read_v"], w: ["read_w"] },
		});
	});

	test("reads a reference through its Identity", () => {
		const node: NodeInit[] = [
			{ name: "w", op: "VariableV2" },
			{ name: "w/read", op: "Identity", input: ["w"] },
			{ name: "y", op: "MatMul", input: ["w/read", "w/read"] },
		];
		expect(use({ node }, "y").readers).toEqual({ w: ["y", "y"] });
	});

	test("passes over what is not there", () => {
		expect(use({ node: [] }, "gone:0", "").nodes).toEqual([]);
	});

	test("takes a recursive function once, and refuses one that grows without end", () => {
		const recursive = (arg: string): GraphInit => ({
			node: [
				{ name: "v", op: "VarHandleOp" },
				{ name: "call", op: "f", input: ["v"] },
			],
			library: {
				function: [
					{
						signature: { name: "f", inputArg: [{ name: "a" }] },
						nodeDef: [{ name: "again", op: "f", input: [arg] }],
					},
				],
			},
		});
		expect(use(recursive("a"), "call").functions).toEqual(["f"]);
		const chain = Array.from({ length: 300 }, (_, i) => ({
			signature: { name: `f${i}` },
			nodeDef: [{ name: "call", op: `f${i + 1}` }],
		}));
		expect(() =>
			use(
				{ node: [{ name: "call", op: "f0" }], library: { function: chain } },
				"call",
			),
		).toThrow("they are more than 200 deep");
	});
});
