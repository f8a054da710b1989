import { expect, test } from "vitest";
import { inferTypes } from "../../../src/lib/graph/infer.js";
import type { Graph, Node } from "../../../src/lib/graph/ir.js";
import { type Place, splitGraph } from "../../../src/lib/steps/split.js";
import { graph, number } from "../graph/graphs.js";
import { constant, node } from "../graph/programs.js";

/** The pieces of a graph: a host step is its node's name, a region a list of them. */
function pieces(graph: Graph, places: Readonly<Record<string, Place>> = {}) {
	const placeOf = ({ name }: Node): Place => places[name] ?? "either";
	return splitGraph(graph, inferTypes(graph), placeOf).map((piece) =>
		piece.kind === "host"
			? piece.node.name
			: piece.graph.nodes.map(({ name }) => name),
	);
}

const unary = (name: string, op: string, of: string) =>
	node(name, op, [of], { T: "float32" });
/** x → a → text → b, and c beside them */
const CHAIN = graph(
	[["input:x", "float32", [-1, 2000]]],
	[
		unary("a", "Tanh", "input:x"),
		node("text", "AsString", ["a:0"], { T: "float32" }),
		node("number", "StringToNumber", ["text:0"], { out_type: "float32" }),
		unary("b", "Relu", "number:0"),
		unary("c", "Neg", "input:x"),
		node("d", "AddV2", ["b:0", "c:0"], { T: "float32" }),
	],
	[["d:0", "float32"]],
);

test("a graph that needs nothing of the host is one region", () => {
	const plain = graph(
		[["input:x", "float32", [2]]],
		[unary("a", "Tanh", "input:x"), unary("b", "Relu", "a:0")],
		[["b:0", "float32"]],
	);
	expect(pieces(plain)).toEqual([["a", "b"]]);
});

test("regions alternate with host steps, and hold all that is ready when they run", () => {
	expect(pieces(CHAIN, { text: "host", number: "host", b: "region" })).toEqual([
		["a", "c"],
		"text",
		"number",
		["b", "d"],
	]);
});

test("a region is told what it takes and what others need of it", () => {
	const types = inferTypes(CHAIN);
	const placeOf = ({ op }: Node): Place =>
		op.includes("String") ? "host" : "region";
	const regions = splitGraph(CHAIN, types, placeOf).flatMap((piece) =>
		piece.kind === "region" ? [piece.graph] : [],
	);
	const values = (ports: Graph["inputs"]) => ports.map(({ value }) => value);
	expect(regions.map(({ inputs }) => values(inputs))).toEqual([
		["input:x"],
		["number:0", "c:0"],
	]);
	expect(regions.map(({ outputs }) => values(outputs))).toEqual([
		["a:0", "c:0"],
		["d:0"],
	]);
});

test("arithmetic on integers from the host stays there, that on many floats does not", () => {
	const counted = graph(
		[["input:s", "string", [-1]]],
		[
			node("length", "StringLength", ["input:s"], { unit: "BYTE" }),
			number("one", 1),
			node("more", "AddV2", ["length:0", "one:0"], { T: "int32" }),
			node("float", "Cast", ["more:0"], {
				SrcT: "int32",
				DstT: "float32",
				Truncate: false,
			}),
			unary("root", "Sqrt", "float:0"),
		],
		[["root:0", "float32"]],
	);
	expect(pieces(counted, { length: "host" })).toEqual([
		"length",
		"more",
		["float", "root"],
	]);
});

test("constants are in no piece", () => {
	const fixed = graph(
		[["input:x", "float32", [2]]],
		[
			constant("w", [2], [1, 2]),
			node("y", "Mul", ["input:x", "w:0"], { T: "float32" }),
		],
		[["y:0", "float32"]],
	);
	expect(pieces(fixed)).toEqual([["y"]]);
});

test("what uses one table keeps its order, though no value goes from one to the next", () => {
	const table = graph(
		[
			["input:k", "int64", [1]],
			["input:v", "int64", [1]],
		],
		[
			node("table", "MutableHashTableV2", []),
			node("first", "LookupTableSizeV2", ["table:0"]),
			{
				...node("insert", "LookupTableInsertV2", [
					"table:0",
					"input:k",
					"input:v",
				]),
				outputs: [],
			},
			node("second", "LookupTableSizeV2", ["table:0"]),
		],
		[
			["first:0", "int64"],
			["second:0", "int64"],
		],
	);
	const host = { table: "host", first: "host", insert: "host", second: "host" };
	expect(pieces(table, host as Record<string, Place>)).toEqual([
		"table",
		"first",
		"insert",
		"second",
	]);
});

test("a graph of twice as many regions is cut by looking twice as often at its nodes", () => {
	const looks = (count: number) => {
		let seen = 0;
		const watched = (made: Node): Node => ({
			...made,
			get inputs() {
				seen++;
				return made.inputs;
			},
		});
		const links = Array.from({ length: count }, (_, i): Node[] => [
			node(`text${i}`, "AsString", [i === 0 ? "input:x" : `root${i - 1}:0`]),
			node(`number${i}`, "StringToNumber", [`text${i}:0`], {
				out_type: "float32",
			}),
			unary(`root${i}`, "Sqrt", `number${i}:0`),
		]);
		const chain = graph([["input:x", "float32", [-1, 2000]]], links.flat(), [
			[`root${count - 1}:0`, "float32"],
		]);
		const types = inferTypes(chain);
		const placeOf = ({ op }: Node): Place =>
			op.includes("String") ? "host" : "region";
		const pieces = splitGraph(
			{ ...chain, nodes: chain.nodes.map(watched) },
			types,
			placeOf,
		);
		expect(pieces).toHaveLength(3 * count);
		return seen;
	};
	expect(looks(200)).toBeLessThan(2.1 * looks(100));
});
