import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BuiltinOperator, TensorType } from "../../../../../src/gen/tflite.js";
import { readLite } from "../../../../../src/lib/lite/read.js";
import type { LiteFields, LiteOp } from "../../../../../src/lib/lite/schema.js";
import { writeNpy } from "../../../../../src/lib/tensor/npy.js";
import { tensorFromNumbers } from "../../../../../src/lib/tensor/numbers.js";
import { runCli } from "../../../../run-cli.js";

/*
 * What TensorFlow Lite's quantization specification demands of each operator
 * (tensorflow.org/lite/performance/quantization_spec), of a network with convolutions, depthwise ones, pools and a dense layer.
 */
const MOBILE = {
	model: "fixtures/models/mobile/1",
	calibration: () => join(folder, "x.npy"),
};
const DIGITS = {
	model: "fixtures/models/digits/2",
	calibration: () => "fixtures/mnist",
};

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "mlship-rules-"));
	const shape = [2, 64, 64, 3];
	const count = shape.reduce((a, b) => a * b, 1);
	const values = Array.from({ length: count }, (_, i) => (i % 97) / 97);
	const x = tensorFromNumbers("float32", shape, values);
	writeFileSync(join(folder, "x.npy"), writeNpy(x));
});
afterAll(() => {
	rmSync(folder, { recursive: true });
});

type Tensor = LiteFields<"Tensor">;

interface Found {
	readonly inputs: readonly Tensor[];
	readonly outputs: readonly Tensor[];
	readonly version: number;
}

/** Operators of a kind, with their tensors, in a calibrated file. */
async function operators(
	type: string,
	{ model, calibration }: typeof MOBILE,
): Promise<(op: LiteOp) => Found[]> {
	const out = join(folder, "made.tflite");
	const { code, stderr } = await runCli([
		...["convert", model, "--target", "lite", "--quantize", type, "--force"],
		...["--calibrate", calibration(), "--no-verify", "--out", out],
	]);
	expect(code, stderr).toBe(0);
	const { subgraphs = [], operatorCodes = [] } = readLite(readFileSync(out));
	const { tensors = [], operators: all = [] } = subgraphs[0];
	return (op) =>
		all
			.filter(
				({ opcodeIndex = 0 }) =>
					operatorCodes[opcodeIndex].builtinCode === BuiltinOperator[op],
			)
			.map(({ inputs = [], outputs = [], opcodeIndex = 0 }) => ({
				inputs: inputs.filter((at) => at >= 0).map((at) => tensors[at]),
				outputs: outputs.map((at) => tensors[at]),
				version: operatorCodes[opcodeIndex].version ?? 1,
			}));
}

const scales = ({ quantization }: Tensor) => [...(quantization?.scale ?? [])];
const zeros = ({ quantization }: Tensor) => [
	...(quantization?.zeroPoint ?? []),
];

describe.each([
	["int8", TensorType.INT8, TensorType.INT32],
	["int16", TensorType.INT16, TensorType.INT64],
] as const)("in %s", (type, activations, biases) => {
	let all: (op: LiteOp) => Found[];
	beforeAll(async () => {
		all = await operators(type, MOBILE);
	});

	test.each([
		// axis of the channels: OHWI, and [1, H, W, channels]
		["CONV_2D", 0],
		["DEPTHWISE_CONV_2D", 3],
	] as const)(
		"%s has int8 weights around 0, a scale a channel, and a bias in the units of the products",
		(op, axis) => {
			const found = all(op);
			expect(found.length).toBeGreaterThan(0);
			for (const { inputs } of found) {
				const [data, weights, bias] = inputs;
				expect(data.type).toBe(activations);
				expect(weights.type).toBe(TensorType.INT8);
				const channels = weights.shape?.[axis] ?? 0;
				expect(scales(weights)).toHaveLength(channels);
				expect(weights.quantization?.quantizedDimension ?? 0).toBe(axis);
				expect(new Set(zeros(weights))).toEqual(new Set([0n]));
				expect(bias.type).toBe(biases);
				expect(new Set(zeros(bias))).toEqual(new Set([0n]));
				for (const [channel, scale] of scales(bias).entries())
					expect(
						scale / (scales(data)[0] * scales(weights)[channel]),
					).toBeCloseTo(1, 5);
			}
		},
	);

	test("FULLY_CONNECTED has one scale for its weights, as runtimes before 2.17 know them", () => {
		for (const { inputs } of all("FULLY_CONNECTED")) {
			expect(scales(inputs[1])).toHaveLength(1);
			expect(zeros(inputs[1])).toEqual([0n]);
		}
	});

	test("softmax gives 0 to 1 in all integers, whatever calibration saw", async () => {
		const [{ outputs }] = (await operators(type, DIGITS))("SOFTMAX");
		expect([scales(outputs[0]), zeros(outputs[0])]).toEqual(
			type === "int8" ? [[1 / 256], [-128n]] : [[1 / 32768], [0n]],
		);
	});

	test("numbers of 16 bits lie around 0, and what only moves numbers keeps those that they are given", () => {
		const found = [...all("CONV_2D"), ...all("ADD")];
		for (const { outputs } of found)
			if (type === "int16") expect(zeros(outputs[0])).toEqual([0n]);
		for (const { inputs, outputs } of all("RESHAPE"))
			expect(scales(outputs[0])).toEqual(scales(inputs[0]));
	});

	test("reads of floats are at the ends alone", () => {
		expect(all("QUANTIZE").length).toBeGreaterThan(0);
		for (const { inputs, outputs } of all("DEQUANTIZE")) {
			expect(inputs[0].type).toBe(activations);
			expect(outputs[0].type ?? 0).toBe(TensorType.FLOAT32);
		}
	});
});

// op_version.cc: int8 came with 3 to both convolutions, int16 with 4 and 5
test.each([
	["int8", 3, 3],
	["int16", 4, 5],
])(
	"convolutions of %s have the versions that brought it",
	async (type, dense, depthwise) => {
		const all = await operators(type, MOBILE);
		for (const { version } of all("CONV_2D")) expect(version).toBe(dense);
		for (const { version } of all("DEPTHWISE_CONV_2D"))
			expect(version).toBeGreaterThanOrEqual(depthwise);
	},
);
