import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BuiltinOperator } from "../../../../src/gen/tflite.js";
import { openLite } from "../../../../src/lib/engines/tflite/model.js";
import type { Node, Program } from "../../../../src/lib/graph/ir.js";
import { liteSignatures } from "../../../../src/lib/lite/ports.js";
import { readLite } from "../../../../src/lib/lite/read.js";
import { liteModel } from "../../../../src/lib/targets/lite/model.js";
import { writeLite } from "../../../../src/lib/targets/lite/write.js";
import { tensorFromNumbers } from "../../../../src/lib/tensor/numbers.js";
import type { Tensor } from "../../../../src/lib/tensor/tensor.js";
import { constant, constantOf, node, program } from "../../graph/programs.js";

const T = { T: "float32" } as const;

function written(...programs: readonly Program[]): Uint8Array {
	const { model, obstacles } = liteModel(programs);
	expect(obstacles).toEqual([]);
	return writeLite(model);
}

/** Names of the operators of the first graph, with versions beyond 1. */
function operatorsOf(bytes: Uint8Array): string[] {
	const { operatorCodes = [], subgraphs = [] } = readLite(bytes);
	const names = new Map<number, string>(
		Object.entries(BuiltinOperator).map(([name, code]) => [code, name]),
	);
	return (subgraphs[0].operators ?? []).map(({ opcodeIndex = 0 }) => {
		const { builtinCode = 0, version } = operatorCodes[opcodeIndex];
		return `${names.get(builtinCode)}${version === 1 ? "" : version}`;
	});
}

const ints = (name: string, ...values: number[]): Node =>
	constantOf(name, tensorFromNumbers("int32", [values.length], values));

const CONVOLUTION = {
	...T,
	strides: [1, 1, 1, 1],
	dilations: [1, 1, 1, 1],
	padding: "SAME",
	data_format: "NHWC",
	explicit_paddings: [],
	use_cudnn_on_gpu: true,
};

/** Two filters of 1×2 over two channels: [1,2,2,2]. */
const convolved = (...behind: readonly Node[]) =>
	program(
		[-1, 3, 3, 2],
		[
			constant("w", [1, 2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]),
			node("conv", "Conv2D", ["input:x", "w:0"], CONVOLUTION),
			...behind,
		],
		`${behind.at(-1)?.name ?? "conv"}:0`,
	);

test("a file has the signature's key and names, and sizes stay open", () => {
	const bytes = written(convolved());
	const [signature] = liteSignatures(readLite(bytes));
	expect(signature).toMatchObject({
		key: "test",
		inputs: [{ name: "x", dtype: "float32", shape: [-1, 3, 3, 2] }],
		outputs: [{ name: "y", dtype: "float32", shape: [-1, 3, 3, 2] }],
	});
});

test("several signatures are one file", () => {
	const other = { ...convolved(), signature: "other" };
	const signatures = liteSignatures(readLite(written(convolved(), other)));
	expect(signatures.map(({ key, graph }) => [key, graph])).toEqual([
		["test", 0],
		["other", 1],
	]);
});

test("filters are turned to [out, rows, columns, in], and a convolution has a bias", () => {
	const { subgraphs = [], buffers = [] } = readLite(written(convolved()));
	const { tensors = [], operators = [] } = subgraphs[0];
	const [, filter, bias] = (operators[0].inputs ?? []).map(
		(index) => tensors[index],
	);
	expect(filter.shape).toEqual([2, 1, 2, 2]);
	const { data } = buffers[filter.buffer ?? 0];
	const numbers = new Float32Array(Uint8Array.from(data as Uint8Array).buffer);
	// element [o, 0, c, i] of [0, c, i, o]: even numbers belong to the second filter
	expect([...numbers]).toEqual([1, 3, 5, 7, 2, 4, 6, 8]);
	expect(bias.shape).toEqual([2]);
});

test("a bias and an activation behind a convolution are parts of it", () => {
	const bytes = written(
		convolved(
			constant("b", [2], [1, 2]),
			node("add", "BiasAdd", ["conv:0", "b:0"], { ...T, data_format: "NHWC" }),
			node("relu", "Relu6", ["add:0"], T),
		),
	);
	expect(operatorsOf(bytes)).toEqual(["CONV_2D"]);
});

// versions: LiteRT, tools/versioning/op_version.cc and runtime_version.cc
test("operators have the lowest version that does what is asked, and the file says which release has them all", () => {
	const { metadata = [], buffers = [] } = readLite(written(convolved()));
	const minimum = (from: ReturnType<typeof readLite>) => {
		const row = from.metadata?.find(
			({ name }) => name === "min_runtime_version",
		);
		const { data } = from.buffers?.[row?.buffer ?? 0] ?? {};
		return Buffer.from(data as Uint8Array)
			.toString()
			.replace(/\0+$/, "");
	};
	expect(metadata).toHaveLength(1);
	expect(buffers[0].data).toBeUndefined();
	expect(minimum(readLite(written(convolved())))).toBe("1.5.0");
	const layer = program(
		[-1, 4, 3],
		[
			constant("w", [3, 2], [1, 2, 3, 4, 5, 6]),
			node("dense", "BatchMatMulV2", ["input:x", "w:0"], {
				...T,
				adj_x: false,
				adj_y: false,
			}),
		],
		"dense:0",
	);
	const bytes = written(layer);
	expect(operatorsOf(bytes)).toEqual(["FULLY_CONNECTED6"]);
	expect(minimum(readLite(bytes))).toBe("2.1.0");
});

test("what has no form is told at once, with the reason", () => {
	const { obstacles } = liteModel([
		program(
			[2],
			[
				node("next", "NextAfter", ["input:x", "input:x"], T),
				node("product", "Cumprod", ["next:0", "axis:0"], T),
			].toSpliced(0, 0, ints("axis", 0)),
			"product:0",
		),
	]);
	expect(obstacles.map(({ node: { op }, reason }) => [op, reason])).toEqual([
		["NextAfter", "TensorFlow Lite looks at no bits of floats"],
		["Cumprod", "TensorFlow Lite adds along an axis only"],
	]);
});

const run = async (subject: Program, x: Tensor): Promise<Tensor> => {
	const session = await openLite(written(subject));
	try {
		return (await session.run({ x })).y;
	} finally {
		session.close();
	}
};

test.each([
	// numbers by Python's math
	["Log1p", [0, 1], [0, Math.log(2)]],
	["Asinh", [-2, 0.5], [Math.asinh(-2), Math.asinh(0.5)]],
	["Atan", [-3, 1], [Math.atan(-3), Math.PI / 4]],
	["Softplus", [-50, 50], [Math.exp(-50), 50]],
	["Selu", [-1, 1], [-1.7580993408 * (1 - Math.exp(-1)), 1.0507009873]],
	["Erf", [0.5, -4.5], [0.5204998778, -1]],
] as const)("%s is composed of what TensorFlow Lite has", async (op, x, y) => {
	const subject = program([2], [node("f", op, ["input:x"], T)], "f:0");
	const made = await run(subject, tensorFromNumbers("float32", [2], x));
	for (const [i, value] of (made.data as Float32Array).entries())
		expect(value).toBeCloseTo(y[i], 5);
});

test("64-bit integers go in and out of the runtime with all their bits", async () => {
	const base = program(
		[4],
		[node("copy", "Neg", ["input:x"], { T: "int64" })],
		"copy:0",
	);
	const subject: Program = {
		...base,
		inputs: [{ ...base.inputs[0], dtype: "int64" }],
		outputs: [{ ...base.outputs[0], dtype: "int64" }],
	};
	const data = BigInt64Array.of(1n, -(2n ** 40n) - 3n, 2n ** 62n + 5n, 0n);
	const made = await run(subject, { dtype: "int64", shape: [4], data });
	expect([...(made.data as BigInt64Array)]).toEqual([...data].map((x) => -x));
});

test("a file that TensorFlow wrote is read and run: x / 2 + 2", async () => {
	const bytes = readFileSync(
		"fixtures/models/tensorflow-serving/saved_model_half_plus_two_tflite_with_sigdef/00000123/model.tflite",
	);
	const session = await openLite(bytes);
	const [input] = session.signature.inputs;
	const [output] = session.signature.outputs;
	const made = await session.run({
		[input.name]: tensorFromNumbers("float32", [1], [3]),
	});
	expect([...(made[output.name].data as Float32Array)]).toEqual([3.5]);
	session.close();
});

const half = (name: string, value: number) => constant(name, [], [value]);

// keras.ops.hard_silu and gelu, tf.nn.gelu
test.each([
	[
		"x · relu6(x + 3) / 6",
		"HARD_SWISH",
		[
			half("three", 3),
			half("six", 6),
			node("sum", "AddV2", ["input:x", "three:0"], T),
			node("clip", "Relu6", ["sum:0"], T),
			node("gate", "RealDiv", ["clip:0", "six:0"], T),
			node("y", "Mul", ["input:x", "gate:0"], T),
		],
	],
	[
		"x/2 · (1 + erf(x/√2))",
		"GELU",
		[
			half("half", 0.5),
			half("root", Math.SQRT1_2),
			half("one", 1),
			node("halved", "Mul", ["half:0", "input:x"], T),
			node("scaled", "Mul", ["input:x", "root:0"], T),
			node("erf", "Erf", ["scaled:0"], T),
			node("gate", "AddV2", ["erf:0", "one:0"], T),
			node("y", "Mul", ["halved:0", "gate:0"], T),
		],
	],
	[
		"x/2 · (1 - erf(-x/√2))",
		"GELU",
		[
			half("half", 0.5),
			half("root", Math.SQRT1_2),
			half("one", 1),
			node("halved", "Mul", ["half:0", "input:x"], T),
			node("minus", "Neg", ["input:x"], T),
			node("scaled", "Mul", ["minus:0", "root:0"], T),
			node("erf", "Erf", ["scaled:0"], T),
			node("gate", "Sub", ["one:0", "erf:0"], T),
			node("y", "Mul", ["halved:0", "gate:0"], T),
		],
	],
] as const)("%s is one operator", (_, op, nodes) => {
	expect(operatorsOf(written(program([4], nodes, "y:0")))).toEqual([op]);
});

test("a product that is almost such an activation stays what it is", () => {
	const nodes = [
		half("three", 3),
		half("six", 5),
		node("sum", "AddV2", ["input:x", "three:0"], T),
		node("clip", "Relu6", ["sum:0"], T),
		node("gate", "RealDiv", ["clip:0", "six:0"], T),
		node("y", "Mul", ["input:x", "gate:0"], T),
	];
	expect(operatorsOf(written(program([4], nodes, "y:0")))).toEqual([
		"ADD",
		"MUL",
		"MUL",
	]);
});
