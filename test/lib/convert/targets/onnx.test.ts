import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { diskFolder } from "../../../../src/lib/convert/output.js";
import { onnxTarget } from "../../../../src/lib/convert/targets/onnx.js";
import type { Program } from "../../../../src/lib/graph/ir.js";
import { readOnnx } from "../../../../src/lib/onnx/read.js";
import { tensorFromNumbers } from "../../../../src/lib/tensor/numbers.js";
import { tensor } from "../../../../src/lib/tensor/tensor.js";
import { constantOf, node, program } from "../../graph/programs.js";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "mlship-onnx-target-"));
});
afterEach(() => {
	rmSync(folder, { recursive: true });
});

const T = { T: "complex64" };
const lengthOf = (size: number) =>
	constantOf("length", tensorFromNumbers("int32", [1], [size]));

/** The spectrum of input `x`, its real part alone. */
const spectrum = program(
	[-1, 4],
	[
		lengthOf(4),
		node("rfft", "RFFT", ["input:x", "length:0"], {
			Treal: "float32",
			Tcomplex: "complex64",
		}),
		node("real", "Real", ["rfft:0"], { ...T, Tout: "float32" }),
	],
	"real:0",
);

const withOutputType = (found: Program, dtype: "complex64"): Program => ({
	...found,
	outputs: found.outputs.map((port) => ({ ...port, dtype })),
});

test("complex inputs and outputs have a last axis of 2, which is told, and are fed as complex numbers", async () => {
	const squared = withOutputType(
		program(
			[-1],
			[node("square", "Square", ["input:x"], T)],
			"square:0",
			"complex64",
		),
		"complex64",
	);
	const lowered = onnxTarget.lower([squared], {});
	expect(lowered.obstacles).toEqual([]);
	expect(lowered.notes).toEqual([
		'input "x" is complex: it has a last axis of 2, real part and imaginary part',
		'output "y" is complex: it has a last axis of 2, real part and imaginary part',
	]);
	await lowered.write(diskFolder(folder), "model.onnx");
	const main = join(folder, "model.onnx");
	expect(readOnnx(main).inputs).toMatchObject([
		{ name: "x", dtype: "float32", shape: [-1, 2] },
	]);
	const opened = await onnxTarget.open(main, squared);
	try {
		// (1 + 2i)² = 1 - 4 + 4i, (-3i)² = -9
		const x = tensor("complex64", [2], Float32Array.of(1, 2, 0, -3));
		const { y } = await opened.run({ x });
		expect(y).toMatchObject({ dtype: "complex64", shape: [2] });
		expect(y.data).toEqual(Float32Array.of(-3, 4, -9, -0));
	} finally {
		await opened.close();
	}
});

test("of complex operations only those without a form in real numbers are in the way", () => {
	const inverse = withOutputType(
		program(
			[2, 2],
			[
				node("conj", "Conj", ["input:x"], T),
				node("inverse", "MatrixInverse", ["conj:0"], { ...T, adjoint: false }),
				node("square", "Square", ["inverse:0"], T),
			],
			"square:0",
			"complex64",
		),
		"complex64",
	);
	const { obstacles } = onnxTarget.lower([inverse], {});
	expect(obstacles.map(({ node: { op } }) => op)).toEqual(["MatrixInverse"]);
});

// onnx/docs/Changelog.md: DFT since 17, StringConcat since 20
test.each([
	["DFT", 17, spectrum],
	[
		"StringConcat",
		20,
		program(
			[2],
			[node("add", "Add", ["input:x", "input:x"], { T: "string" })],
			"add:0",
			"string",
		),
	],
] as const)(
	"%s is refused before opset %i, which is named",
	(op, first, asked) => {
		const before = onnxTarget.lower([asked], { opset: first - 1 });
		expect(before.obstacles).toMatchObject([
			{ node: { op }, reason: expect.stringContaining(`opset ${first} on`) },
		]);
		expect(onnxTarget.lower([asked], { opset: first }).obstacles).toEqual([]);
	},
);

test("transforms answer alike in opset 17, where their axis is an attribute, and in 21", async () => {
	// of 1, 2, 3, 4: the sum, (1 - 3), and 1 - 2 + 3 - 4
	const x = tensor("float32", [1, 4], Float32Array.of(1, 2, 3, 4));
	for (const opset of [17, 21]) {
		const main = `opset-${opset}.onnx`;
		const lowered = onnxTarget.lower([spectrum], { opset });
		await lowered.write(diskFolder(folder), main);
		const opened = await onnxTarget.open(join(folder, main), spectrum);
		try {
			const { y } = await opened.run({ x });
			expect([...(y.data as Float32Array)]).toEqual([10, -2, -2]);
		} finally {
			await opened.close();
		}
	}
});

test("ports whose rank is not known are told, as onnx.checker refuses them", () => {
	const anything = program(
		undefined,
		[node("neg", "Neg", ["input:x"], { T: "float32" })],
		"neg:0",
	);
	expect(onnxTarget.lower([anything], {}).notes).toEqual([
		'the rank of "x", "y" is not known: runtimes take such a model, onnx.checker does not',
	]);
});

test("normal numbers are drawn again where they are cut off, with a seed too", async () => {
	const seeded = program(
		[1],
		[
			node("normal", "TruncatedNormal", ["input:x"], {
				...{ T: "int32", dtype: "float32", seed: 3, seed2: 4 },
			}),
		],
		"normal:0",
		"int32",
	);
	const asked = {
		...seeded,
		outputs: seeded.outputs.map((port) => ({
			...port,
			dtype: "float32" as const,
		})),
	};
	const lowered = onnxTarget.lower([asked], {});
	expect(lowered.notes).toContain(
		"random numbers come from ONNX's generator: others than TensorFlow's",
	);
	await lowered.write(diskFolder(folder), "model.onnx");
	const opened = await onnxTarget.open(join(folder, "model.onnx"), asked);
	try {
		const x = tensorFromNumbers("int32", [1], [4000]);
		const numbers = (await opened.run({ x })).y.data as Float32Array;
		// one of twenty-two is beyond 2: none stays at the bound
		expect(numbers.filter((number) => Math.abs(number) >= 2)).toHaveLength(0);
		expect(new Set(numbers).size).toBeGreaterThan(3900);
	} finally {
		await opened.close();
	}
});
