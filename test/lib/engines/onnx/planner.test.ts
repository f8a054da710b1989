import { expect, test } from "vitest";
import { planOnnx } from "../../../../src/lib/engines/onnx/plan.js";
import type { Graph, Node, Program } from "../../../../src/lib/graph/ir.js";
import type { Plan } from "../../../../src/lib/steps/plan.js";
import { graph, number, programWith, withOutputs } from "../../graph/graphs.js";
import { constant, node } from "../../graph/programs.js";

const FLOAT = { T: "float32" };

/** Its host steps by their ops; a region is `*`, with what the host may compute in its place in brackets. */
function steps({ steps }: Plan<unknown>): readonly string[] {
	return steps.map((step) =>
		step.kind === "host"
			? step.node.op
			: `*${step.small === undefined ? "" : `(${step.small.map(({ op }) => op)})`}`,
	);
}

function planned(program: Program) {
	const plan = planOnnx(program);
	if ("obstacles" in plan) throw new Error(JSON.stringify(plan.obstacles));
	return plan.program;
}

function obstacles(program: Program): readonly string[] {
	const plan = planOnnx(program);
	if (!("obstacles" in plan)) return [];
	return plan.obstacles.flatMap((one) => ("op" in one ? [one.op] : []));
}

/** A chain from x through these ops to y. */
function chain(...nodes: readonly Node[]): Graph {
	return graph([["x", "float32", [-1]]], nodes, [
		[`${nodes.at(-1)?.name}:0`, "float32"],
	]);
}

test("what ONNX has is one region, and the host computes what it lacks between two", () => {
	const asText = [
		node("text", "AsString", ["tanh:0"], { T: "float32" }),
		node("back", "StringToNumber", ["text:0"], { out_type: "float32" }),
	];
	const plan = planned(
		programWith(
			chain(
				node("tanh", "Tanh", ["x"], FLOAT),
				...asText,
				node("exp", "Exp", ["back:0"], FLOAT),
			),
		),
	);
	expect(steps(plan.main)).toEqual(["*", "AsString", "StringToNumber", "*"]);
	expect(plan.bodies).toEqual({});
});

test("a node that turns out to have no ONNX form in its place goes to the host", () => {
	const sliced = (count: number) =>
		graph(
			[
				["x", "float32", [-1, -1]],
				["from", "int32", [count]],
				["to", "int32", [count]],
				["by", "int32", [count]],
			],
			[
				node("tanh", "Tanh", ["x"], FLOAT),
				node("part", "StridedSlice", ["tanh:0", "from", "to", "by"], {
					T: "float32",
					Index: "int32",
					begin_mask: 0,
					end_mask: 0,
					ellipsis_mask: 0,
					new_axis_mask: 0,
					shrink_axis_mask: 0,
				}),
			],
			[["part:0", "float32"]],
		);
	const stepsOf = (count: number) =>
		steps(planned(programWith(sliced(count))).main);
	expect(stepsOf(2)).toEqual(["*"]);
	// which axes are meant has to be known
	expect(stepsOf(-1)).toEqual(["*", "StridedSlice"]);
});

/** A branch of one op. */
const branch = (name: string, op: string) =>
	graph(
		[[`${name}/x`, "float32", [2]]],
		[node(`${name}/op`, op, [`${name}/x`], FLOAT)],
		[[`${name}/op:0`, "float32"]],
	);

const FILLING = [
	node("table", "HashTableV2", [], {
		shared_name: "words",
		key_dtype: "string",
		value_dtype: "int64",
	}),
	node("words", "Widget", []),
	withOutputs(
		node("fill", "LookupTableImportV2", ["table:0", "words:0", "words:0"]),
		0,
	),
];

test("everything that cannot run is told at once: of the graph, of its branches, of what fills its tables", () => {
	const main = chain(
		node("odd", "Frobnicate", ["x"], FLOAT),
		node("which", "Frobnicate", ["odd:0"], { T: "bool" }),
		node("if", "If", ["which:0", "odd:0"], {
			Tcond: "bool",
			Tin: ["float32"],
			Tout: ["float32"],
			output_shapes: [],
			then_branch: { function: "yes" },
			else_branch: { function: "no" },
		}),
	);
	const program = {
		...programWith(main, {
			yes: branch("yes", "Grommet"),
			no: branch("no", "Tanh"),
		}),
		initializer: graph([], [...FILLING], []),
	};
	expect([...obstacles(program)].sort()).toEqual([
		"Frobnicate",
		"Grommet",
		"Widget",
	]);
});

/** A loop that does `round` with x five times; what ONNX does not count it does. */
function loop(round: readonly Node[]): Program {
	const carried = (prefix: string) =>
		[
			[`${prefix}/i`, "int32", []],
			[`${prefix}/x`, "float32", [2]],
		] as const;
	const attrs = {
		T: ["int32", "float32"],
		output_shapes: [{ dims: [] }, { dims: [2] }],
		cond: { function: "cond" },
		body: { function: "body" },
	};
	const main = graph(
		[["x", "float32", [2]]],
		[
			number("start", 0),
			withOutputs(node("loop", "While", ["start:0", "x"], attrs), 2),
		],
		[["loop:1", "float32"]],
	);
	const cond = graph(
		carried("cond"),
		[
			number("cond/five", 5),
			node("cond/less", "Less", ["cond/i", "cond/five:0"], { T: "int32" }),
		],
		[["cond/less:0", "bool", []]],
	);
	const body = graph(
		carried("body"),
		[
			number("body/one", 1),
			node("body/next", "AddV2", ["body/i", "body/one:0"], { T: "int32" }),
			...round,
		],
		[
			["body/next:0", "int32", []],
			[`${round.at(-1)?.name}:0`, "float32", [2]],
		],
	);
	return programWith(main, { cond, body });
}

test("a loop that ONNX can run is part of a region", () => {
	const { main, bodies } = planned(
		loop([node("body/exp", "Exp", ["body/x"], FLOAT)]),
	);
	expect(steps(main)).toEqual(["*"]);
	expect(bodies).toEqual({});
});

const TEXT = [
	node("body/text", "AsString", ["body/x"], FLOAT),
	node("body/back", "StringToNumber", ["body/text:0"], { out_type: "float32" }),
];

test("a loop with a step of the host runs there, its bodies planned like the graph; the host may do small parts itself", () => {
	const exp = node("body/exp", "Exp", ["body/back:0"], FLOAT);
	const { main, bodies } = planned(loop([...TEXT, exp]));
	expect(steps(main)).toEqual(["While"]);
	expect(Object.keys(bodies).sort()).toEqual(["body", "cond"]);
	expect(steps(bodies.body)).toContain("AsString");
	expect(steps(bodies.body).at(-1)).toBe("*(Exp)");
	expect(steps(bodies.cond).join()).toMatch(/Less/);
});

test.each<[string, readonly Node[]]>([
	[
		"with many weights",
		[
			constant("body/w", [20_000, 2], Array<number>(40_000).fill(1)),
			number("body/rows", 0),
			node("body/wide", "AddV2", ["body/w:0", "body/back:0"], FLOAT),
			node("body/last", "Max", ["body/wide:0", "body/rows:0"], {
				T: "float32",
				Tidx: "int32",
				keep_dims: false,
			}),
		],
	],
	[
		"with many nodes",
		Array.from({ length: 65 }, (_, i) =>
			node(
				`body/t${i}`,
				"Exp",
				[i === 0 ? "body/back:0" : `body/t${i - 1}:0`],
				FLOAT,
			),
		),
	],
])(
	"a part of a host's loop %s is ONNX Runtime's, however little flows",
	(_, round) => {
		const { bodies } = planned(loop([...TEXT, ...round]));
		expect(steps(bodies.body).at(-1)).toBe("*");
	},
);
