import { expect, test } from "vitest";
import { loadProgram } from "../../../../../src/lib/engines/index.js";
import { planOnnx } from "../../../../../src/lib/engines/onnx/plan.js";
import type {
	Attrs,
	Graph,
	Node,
	Program,
} from "../../../../../src/lib/graph/ir.js";
import type { DType } from "../../../../../src/lib/tensor/dtype.js";
import { tensorFromNumbers } from "../../../../../src/lib/tensor/numbers.js";
import type {
	Shape,
	Tensor,
	Tensors,
} from "../../../../../src/lib/tensor/tensor.js";
import { expectClose } from "../../../../close.js";
import { floats, int, ints } from "../../../../one-node.js";
import {
	graph,
	number,
	programWith,
	withOutputs,
} from "../../../graph/graphs.js";
import { node } from "../../../graph/programs.js";
import { strings } from "../../../host/examples.js";

/** The steps that it takes, of which a region is one. */
function stepsOf(program: Program): readonly string[] {
	const planned = planOnnx(program);
	if ("obstacles" in planned) throw new Error(JSON.stringify(planned));
	return planned.program.main.steps.map(({ kind }) => kind);
}

async function run(program: Program, inputs: Tensors): Promise<Tensors> {
	const session = await loadProgram(program, "onnx", { workers: 0 });
	const outputs = await session.run(inputs);
	await session.close();
	return outputs;
}

/** A body of x that is one node. */
function body(name: string, op: string, dtype: DType = "float32"): Graph {
	return graph(
		[[`${name}/x`, dtype]],
		[node(`${name}/y`, op, [`${name}/x`], { T: dtype })],
		[[`${name}/y:0`, dtype]],
	);
}

/** Gives the negative of x, or its square, or its sign, as `p` says. */
function choice(op: "If" | "Case", dtype: DType, shape: Shape): Program {
	const [neg, square, sign] = ["neg", "square", "sign"].map((name) => ({
		function: name,
	}));
	const branches: Attrs =
		op === "If"
			? { then_branch: neg, else_branch: square }
			: { branches: [neg, square, sign] };
	const chosen = node("chosen", op, ["p", "x"], {
		Tcond: dtype,
		Tin: ["float32"],
		Tout: ["float32"],
		output_shapes: [],
		...branches,
	});
	const main = graph(
		[
			["p", dtype, shape],
			["x", "float32", [-1]],
		],
		[chosen],
		[["chosen:0", "float32"]],
	);
	return programWith(main, {
		neg: body("neg", "Neg"),
		square: body("square", "Square"),
		sign: body("sign", "Sign"),
	});
}

async function chosen(op: "If" | "Case", p: Tensor, shape: Shape = p.shape) {
	const outputs = await run(choice(op, p.dtype, shape), {
		p,
		x: floats([1], [-3]),
	});
	return Number(outputs["chosen:0"].data[0]);
}

const scalar = (dtype: DType, value: number) =>
	tensorFromNumbers(dtype, [], [value]);

// tensorflow/core/kernels/functional_ops.cc, ToBool
test.each([
	["bool", scalar("bool", 1), 3],
	["bool", scalar("bool", 0), 9],
	["int32", int(-2), 3],
	["int64", scalar("int64", 0), 9],
	["uint8", scalar("uint8", 128), 3],
	["float32", scalar("float32", 0.25), 3],
	["float64", scalar("float64", 1e-300), 3],
	["float32", scalar("float32", Number.NaN), 3],
	["text", { ...strings("no"), shape: [] }, 3],
	["text", { ...strings(""), shape: [] }, 9],
	["vector", ints(0), 3],
	["empty vector", ints(), 9],
])(
	"a branch is taken by a scalar that is not zero, by text and by a tensor that is not empty: %s",
	async (_, p, wanted) => {
		expect(await chosen("If", p)).toBe(wanted);
		expect(await chosen("If", p, undefined)).toBe(wanted);
	},
);

// functional_ops.cc, CaseOp: an index out of range is the last branch
test.each([
	[0, 3],
	[1, 9],
	[2, -1],
	[3, -1],
	[-1, -1],
])("branch %j is chosen by its number, or the last", async (index, wanted) => {
	expect(await chosen("Case", int(index))).toBe(wanted);
});

test("branches are part of a region", () => {
	expect(stepsOf(choice("If", "bool", []))).toEqual(["region"]);
	expect(stepsOf(choice("Case", "int32", []))).toEqual(["region"]);
});

/** Doubles x as often as `n` says; `y` is what it was one round before. */
function doubling(dtype: DType, condition: readonly Node[], cond: DType) {
	const carried = (prefix: string) =>
		[
			[`${prefix}/i`, "int32", []],
			[`${prefix}/n`, "int32", []],
			[`${prefix}/x`, dtype, undefined],
			[`${prefix}/y`, dtype, undefined],
		] as const;
	const loop = node("loop", "While", ["start:0", "n", "x", "x"], {
		T: ["int32", "int32", dtype, dtype],
		output_shapes: [],
		cond: { function: "cond" },
		body: { function: "body" },
	});
	const main = graph(
		[
			["n", "int32", []],
			["x", dtype, [-1]],
		],
		[number("start", 0), withOutputs(loop, 4)],
		[
			["loop:0", "int32"],
			["loop:2", dtype],
			["loop:3", dtype],
		],
	);
	return programWith(main, {
		cond: graph(carried("cond"), condition, [
			[`${condition.at(-1)?.name}:0`, cond],
		]),
		body: graph(
			carried("body"),
			[
				number("body/one", 1),
				node("body/next", "AddV2", ["body/i", "body/one:0"], { T: "int32" }),
				node("body/twice", "AddV2", ["body/x", "body/x"], { T: dtype }),
			],
			[
				["body/next:0", "int32"],
				["body/n", "int32"],
				["body/twice:0", dtype],
				["body/x", dtype],
			],
		),
	});
}

const LESS = [node("cond/less", "Less", ["cond/i", "cond/n"], { T: "int32" })];

test.each<[DType, number]>([
	["float32", 3],
	["float64", 3],
	["float16", 3],
	["bfloat16", 3],
	["int8", 3],
	["int16", 3],
	["int64", 3],
	["uint8", 3],
	["uint16", 3],
	["uint32", 3],
	["uint64", 3],
	["float32", 1],
	["float32", 0],
	["float32", -1],
])("a loop of %s runs %j rounds in a region", async (dtype, n) => {
	const program = doubling(dtype, LESS, "bool");
	expect(stepsOf(program)).toEqual(["region"]);
	const x = tensorFromNumbers(dtype, [2], [3, 5]);
	const outputs = await run(program, { n: int(n), x });
	const rounds = Math.max(n, 0);
	const times = (factor: number) =>
		tensorFromNumbers(dtype, [2], [3 * factor, 5 * factor]);
	expectClose(outputs["loop:0"], int(rounds));
	expectClose(outputs["loop:2"], times(2 ** rounds));
	expectClose(outputs["loop:3"], times(2 ** Math.max(rounds - 1, 0)));
});

test("a loop runs until its number is zero, or its tensor empty", async () => {
	const left = node("cond/left", "Sub", ["cond/n", "cond/i"], { T: "int32" });
	const x = floats([1], [1]);
	const counted = doubling("float32", [left], "int32");
	const first = await run(counted, { n: int(3), x });
	expect(first["loop:2"].data[0]).toBe(8);
	const row = [
		left,
		number("cond/zero", 0),
		number("cond/one", 1),
		node("cond/row", "Range", ["cond/zero:0", "cond/left:0", "cond/one:0"], {
			Tidx: "int32",
		}),
	];
	const second = await run(doubling("float32", row, "int32"), { n: int(2), x });
	expect(second["loop:2"].data[0]).toBe(4);
});
