import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BuiltinOperator, Padding } from "../../../../src/gen/tflite.js";
import { openLite } from "../../../../src/lib/engines/tflite/model.js";
import type { Node, Program, ValueName } from "../../../../src/lib/graph/ir.js";
import { liteSignatures } from "../../../../src/lib/lite/ports.js";
import { readLite } from "../../../../src/lib/lite/read.js";
import { liteModel } from "../../../../src/lib/targets/lite/model.js";
import { writeLite } from "../../../../src/lib/targets/lite/write.js";
import type { DType } from "../../../../src/lib/tensor/dtype.js";
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

const typed = (
	dtype: DType,
	shape: readonly number[],
	nodes: readonly Node[],
	output: ValueName,
	made: DType = dtype,
): Program => {
	const base = program(shape, nodes, output, dtype);
	return { ...base, outputs: [{ ...base.outputs[0], dtype: made }] };
};

// 2⁶³ and more have the first bit set, which int64 takes for a sign
test("numbers of uint64 are compared and cast as what they are, beyond the half too", async () => {
	const data = BigUint64Array.of(1n, 2n ** 63n + 1n, 2n ** 64n - 1n, 7n);
	const x: Tensor = { dtype: "uint64", shape: [4], data };
	const axes = ints("axes", 0);
	const reduce = { T: "uint64", Tidx: "int32", keep_dims: false };
	const largest = typed(
		"uint64",
		[4],
		[axes, node("max", "Max", ["input:x", "axes:0"], reduce)],
		"max:0",
	);
	const { data: most } = await run(largest, x);
	expect([...(most as BigUint64Array)]).toEqual([2n ** 64n - 1n]);
	const floats = typed(
		"uint64",
		[4],
		[
			node("cast", "Cast", ["input:x"], {
				...{ SrcT: "uint64", DstT: "float32", Truncate: false },
			}),
		],
		"cast:0",
		"float32",
	);
	const { data: numbers } = await run(floats, x);
	expect([...(numbers as Float32Array)]).toEqual([1, 2 ** 63, 2 ** 64, 7]);
});

// C++ divides towards 0, Python downwards: -7 / 2 is -3 or -4
test.each([
	["TruncateDiv", [-3n, 3n, 3037000500n, -(2n ** 62n)]],
	["FloorDiv", [-4n, 3n, 3037000500n, -(2n ** 62n)]],
])("%s of 64 bits is exact", async (op, wanted) => {
	const divisor = constantOf("by", {
		dtype: "int64",
		shape: [4],
		data: BigInt64Array.of(2n, -2n, 3037000499n, 1n),
	});
	const subject = typed(
		"int64",
		[4],
		[divisor, node("quotient", op, ["input:x", "by:0"], { T: "int64" })],
		"quotient:0",
	);
	const data = BigInt64Array.of(
		-7n,
		-7n,
		3037000500n * 3037000499n + 12n,
		-(2n ** 62n),
	);
	const made = await run(subject, { dtype: "int64", shape: [4], data });
	expect([...(made.data as BigInt64Array)]).toEqual(wanted);
});

test("text is turned and enlarged by its places", async () => {
	const texts = ["ä", "", "abc", "d"].map((text) => Buffer.from(text));
	const subject = typed(
		"string",
		[2, 2],
		[
			ints("order", 1, 0),
			node("turned", "Transpose", ["input:x", "order:0"], {
				T: "string",
				Tperm: "int32",
			}),
		],
		"turned:0",
	);
	const made = await run(subject, {
		dtype: "string",
		shape: [2, 2],
		data: texts,
	});
	expect(made.shape).toEqual([2, 2]);
	const turned = (made.data as Uint8Array[]).map(
		(text) => `${Buffer.from(text)}`,
	);
	expect(turned).toEqual(["ä", "abc", "", "d"]);
});

test("integers are pooled as the numbers that they are, beyond those of floats", async () => {
	const pool = node("pool", "MaxPool", ["input:x"], {
		T: "int32",
		ksize: [1, 2, 2, 1],
		strides: [1, 2, 2, 1],
		padding: "SAME",
		data_format: "NHWC",
		explicit_paddings: [],
	});
	const subject = typed("int32", [1, 3, 2, 1], [pool], "pool:0");
	const most = 2 ** 31 - 1;
	const made = await run(
		subject,
		tensorFromNumbers(
			"int32",
			[1, 3, 2, 1],
			[most - 1, most, 0, 1, -most - 1, -most],
		),
	);
	// rows 0 and 1, then row 2 and what is padded, which counts for nothing
	expect([...(made.data as Int32Array)]).toEqual([most, -most]);
});

/** 1·x₀ + 2·x₁ + … of real numbers, as their parts: the spectrum of [1, 2, 3, 4, 5, 6], by hand. */
test("a spectrum of six numbers, which the kernel has not", async () => {
	const subject = program(
		[6],
		[
			ints("length", 6),
			node("fft", "RFFT", ["input:x", "length:0"], {
				Treal: "float32",
				Tcomplex: "complex64",
			}),
			node("im", "Imag", ["fft:0"], { T: "complex64", Tout: "float32" }),
		],
		"im:0",
	);
	const made = await run(
		subject,
		tensorFromNumbers("float32", [6], [1, 2, 3, 4, 5, 6]),
	);
	// Σ -xₙ·sin(2πkn/6): 0, 3·√3, √3, 0
	const wanted = [0, 3 * Math.sqrt(3), Math.sqrt(3), 0];
	for (const [k, value] of (made.data as Float32Array).entries())
		expect(value).toBeCloseTo(wanted[k], 4);
});

/** XNNPACK, which TensorFlow's interpreter leaves convolutions to, pads by SAME wrongly where a stride exceeds the window. */
test("a picture is padded ahead where a stride exceeds the window, and by the kernel elsewhere", () => {
	const sliding = (stride: number) =>
		program(
			[1, 5, 5, 2],
			[
				constant("w", [1, 1, 2, 1], [1, 2]),
				node("conv", "Conv2D", ["input:x", "w:0"], {
					...CONVOLUTION,
					strides: [1, stride, stride, 1],
				}),
			],
			"conv:0",
		);
	const paddingOf = (subject: Program) => {
		const { subgraphs = [] } = readLite(written(subject));
		const options = subgraphs[0].operators?.at(-1)?.builtinOptions;
		return options?.fields as { padding?: number };
	};
	expect(paddingOf(sliding(1)).padding ?? 0).toBe(Padding.SAME);
	expect(paddingOf(sliding(2)).padding).toBe(Padding.VALID);
});

/** The interpreter frees what lies in the memory of an input twice, where it is an output of a branch. */
test("what a branch hands on is copied, never reshaped", () => {
	const port = (name: string, value: string) => ({
		...{ name, value, dtype: "float32" as const, shape: [-1, 2] },
	});
	const body = (output: ValueName, ...nodes: Node[]) => ({
		inputs: [port("a", "a:0"), port("b", "b:0")],
		// both in the place of the other
		outputs: [port("c", output), port("d", "a:0")],
		nodes,
	});
	const functions = new Map([
		["else", body("b:0")],
		[
			"then",
			body(
				"flat:0",
				ints("sizes", -1, 1, 2),
				node("flat", "Reshape", ["b:0", "sizes:0"], {
					...{ T: "float32", Tshape: "int32" },
				}),
			),
		],
	]);
	const base = program(
		[-1, 2],
		[
			constant("zero", [], [0]),
			ints("all", 0, 1),
			node("sum", "Sum", ["input:x", "all:0"], {
				...{ T: "float32", Tidx: "int32", keep_dims: false },
			}),
			node("is", "Greater", ["sum:0", "zero:0"], T),
			node("twice", "AddV2", ["input:x", "input:x"], T),
			{
				...node("if", "StatelessIf", ["is:0", "input:x", "twice:0"]),
				outputs: ["if:0", "if:1"],
				attrs: {
					...{ Tcond: "bool", Tin: ["float32", "float32"] },
					Tout: ["float32", "float32"],
					then_branch: { function: "then" },
					else_branch: { function: "else" },
					output_shapes: [],
				},
			},
			node("sub", "Sub", ["if:0", "if:1"], T),
		],
		"sub:0",
	);
	const subject: Program = { ...base, functions };
	const { subgraphs = [], operatorCodes = [] } = readLite(written(subject));
	for (const { operators = [], outputs = [], inputs = [] } of subgraphs.slice(
		1,
	)) {
		const maker = operators.find((one) => one.outputs?.includes(outputs[0]));
		expect(maker).toBeDefined();
		const code = operatorCodes[maker?.opcodeIndex ?? 0].builtinCode;
		expect(code).toBe(BuiltinOperator.SLICE);
		expect(inputs).not.toContain(outputs[0]);
	}
});
