import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { GraphDefSchema } from "../../../src/gen/graph_pb.js";
import { DataType } from "../../../src/gen/tensor_pb.js";
import {
	resourceOf,
	traceRestore,
	traceTables,
} from "../../../src/lib/savedmodel/restore.js";

type GraphInit = MessageInitShape<typeof GraphDefSchema>;
type NodeInit = NonNullable<GraphInit["node"]>[number];

const strings = (name: string, ...values: string[]): NodeInit => ({
	name,
	op: "Const",
	attr: {
		value: {
			value: {
				case: "tensor",
				value: {
					dtype: DataType.DT_STRING,
					tensorShape: { dim: [{ size: BigInt(values.length) }] },
					stringVal: values.map((value) => Buffer.from(value)),
				},
			},
		},
	},
});

const call = (name: string, callee: string, ...input: string[]): NodeInit => ({
	name,
	op: "StatefulPartitionedCall",
	input,
	attr: { f: { value: { case: "func", value: { name: callee } } } },
});

const handle = (name: string, shared = ""): NodeInit => ({
	name,
	op: "VarHandleOp",
	attr: { shared_name: { value: { case: "s", value: Buffer.from(shared) } } },
});

const trace = (graph: GraphInit) =>
	traceRestore(create(GraphDefSchema, graph), "restore");

describe("traceRestore()", () => {
	test("follows handles and values through nested calls, their results too", () => {
		const library: GraphInit["library"] = {
			function: [
				{
					signature: {
						name: "outer",
						inputArg: [{ name: "prefix" }, { name: "one" }, { name: "two" }],
					},
					nodeDef: [
						strings("names", "k0", "k1"),
						strings("specs", "", "4 2 1,3:-"),
						{
							name: "r",
							op: "RestoreV2",
							input: ["prefix", "names:output:0", "specs:output:0"],
						},
						call("same", "identity", "r:tensors:1"),
						call("assign", "inner", "two", "same:output:0"),
						{
							name: "direct",
							op: "AssignVariableOp",
							input: ["one", "r:tensors:0"],
						},
					],
				},
				{
					signature: {
						name: "inner",
						inputArg: [{ name: "where" }, { name: "what" }],
					},
					nodeDef: [
						{ name: "i", op: "Identity", input: ["what"] },
						{
							name: "a",
							op: "AssignVariableOp",
							input: ["where", "i:output:0"],
						},
					],
				},
				{
					signature: {
						name: "identity",
						inputArg: [{ name: "x" }],
						outputArg: [{ name: "y" }],
					},
					ret: { y: "x" },
				},
			],
		};
		const node = [
			handle("v"),
			handle("w", "shared"),
			call("restore", "outer", "prefix", "v", "w"),
		];
		expect(trace({ node, library })).toEqual([
			{
				resource: "shared",
				key: "k1",
				region: [
					{ start: 1, length: 3 },
					{ start: 0, length: 2 },
				],
			},
			{ resource: "v", key: "k0", region: undefined },
		]);
	});

	test("follows control inputs of TensorFlow 1, and leaves other savers alone", () => {
		const node: NodeInit[] = [
			{ name: "v", op: "VariableV2" },
			strings("names", "right"),
			strings("others", "wrong"),
			strings("specs", ""),
			{ name: "r", op: "RestoreV2", input: ["p", "names", "specs"] },
			{ name: "q", op: "RestoreV2", input: ["p", "others", "specs"] },
			{ name: "assign", op: "Assign", input: ["v", "r"] },
			{ name: "assign_1", op: "Assign", input: ["v", "q:0"] },
			{ name: "shard", op: "NoOp", input: ["^assign"] },
			{ name: "restore", op: "NoOp", input: ["^shard"] },
		];
		expect(trace({ node })).toEqual([
			{ resource: "v", key: "right", region: undefined },
		]);
	});

	test("takes no numbers for names", () => {
		const numbers = strings("names", "k");
		const { value } = numbers.attr?.value ?? {};
		if (value?.case === "tensor") value.value.dtype = DataType.DT_INT64;
		const node: NodeInit[] = [
			handle("v"),
			numbers,
			{ name: "r", op: "RestoreV2", input: ["p", "names", "names"] },
			{ name: "restore", op: "AssignVariableOp", input: ["v", "r"] },
		];
		expect(trace({ node })).toEqual([]);
	});

	test("finds nothing where there is no such operation", () => {
		expect(trace({ node: [] })).toEqual([]);
	});

	test.each([
		["calls itself", [call("again", "f", "x")]],
		["calls itself twice a level", [call("a", "f"), call("b", "f")]],
	])("fails with CORRUPT for a function that %s", (_, nodeDef) => {
		const library = { function: [{ signature: { name: "f" }, nodeDef }] };
		expect(() => trace({ node: [call("restore", "f")], library })).toThrow(
			expect.objectContaining({
				code: "CORRUPT",
				message: expect.stringContaining("cannot follow the restore function"),
			}),
		);
	});

	test("fails with CORRUPT for a circle of identities", () => {
		const node: NodeInit[] = [
			{ name: "a", op: "Identity", input: ["b"] },
			{ name: "b", op: "Identity", input: ["a"] },
			{ name: "restore", op: "Assign", input: ["a", "b"] },
		];
		expect(() => trace({ node })).toThrow("more than 1000 nodes deep");
	});
});

test("traceTables() finds what a restore function puts into tables", () => {
	const table: NodeInit = { name: "table", op: "MutableHashTableV2" };
	const graph: GraphInit = {
		node: [table, call("restore", "f", "prefix", "table")],
		library: {
			function: [
				{
					signature: {
						name: "f",
						inputArg: [{ name: "prefix" }, { name: "handle" }],
					},
					nodeDef: [
						strings("names", "v", "t-keys", "t-values"),
						strings("specs", "", "", ""),
						{
							name: "r",
							op: "RestoreV2",
							input: ["prefix", "names:output:0", "specs:output:0"],
						},
						{
							name: "import",
							op: "LookupTableImportV2",
							input: ["handle", "r:tensors:1", "r:tensors:2"],
						},
					],
				},
			],
		},
	};
	expect(traceTables(create(GraphDefSchema, graph), "restore")).toEqual([
		{ resource: "table", keys: "t-keys", values: "t-values" },
	]);
});

test("resourceOf() is the shared name, or the node's own where that is empty or anonymous", () => {
	const node = (shared: string) =>
		create(GraphDefSchema, { node: [handle("n", shared)] }).node[0];
	expect(resourceOf(node("s"))).toBe("s");
	expect(resourceOf(node(""))).toBe("n");
	// ResourceHandle::ANONYMOUS_NAME
	expect(resourceOf(node("cd2c89b7-88b7-44c8-ad83-06c2a9158347"))).toBe("n");
});
