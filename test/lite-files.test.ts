import {
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MlshipError } from "../src/lib/errors.js";
import { summarizeVersion } from "../src/lib/repository/version.js";
import { loadModel } from "../src/lib/serving/load.js";
import { predict } from "../src/lib/serving/predict.js";
import { readCases } from "./cases.js";
import { difference, type Tolerance } from "./close.js";
import { random } from "./random.js";
import { runCli } from "./run-cli.js";

const FILES = join(process.cwd(), "fixtures/lite");
const fileOf = (name: string) => join(FILES, `${name}.tflite`);

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "mlship-lite-"));
});
afterEach(() => {
	rmSync(folder, { recursive: true });
});

const COARSE: readonly (readonly [names: RegExp, tolerance: Tolerance])[] = [
	// a step of integers, which kernels round at different places
	[/-u?int8$/, { atol: 1, whole: true }],
	// inputs of layers are rounded to integers as the interpreter runs, and weights of a scale a row are not here
	[/-dynamic$/, { rtol: 1e-2, atol: 1e-3 }],
];

const answered = readdirSync(FILES)
	.filter((name) => name.endsWith(".json"))
	.map((name) => basename(name, ".json"));

describe("files that TFLiteConverter wrote", () => {
	test.each(answered)(
		"%s answers as TensorFlow's interpreter",
		async (name) => {
			const version = await loadModel(fileOf(name), { lazy: true });
			try {
				for (const { signature, inputs, outputs } of readCases(
					join(FILES, `${name}.json`),
				)) {
					const made = await predict(version, signature, inputs);
					expect(Object.keys(made).sort()).toEqual(Object.keys(outputs).sort());
					const coarse = COARSE.find(([names]) => names.test(name))?.[1];
					for (const [key, expected] of Object.entries(outputs))
						expect(difference(made[key], expected, coarse)).toBeUndefined();
				}
			} finally {
				await version.close();
			}
		},
	);

	test("are described: signatures, operators, weights, what integers stand for", () => {
		const summary = summarizeVersion(fileOf("digits-int8"));
		expect(summary.metaGraphs[0].signatures).toMatchObject([
			{
				key: "serving_default",
				inputs: [{ name: "image", dtype: "int8", shape: [-1, 28, 28, 1] }],
				outputs: [{ name: "output_0", dtype: "int8", shape: [-1, 10] }],
			},
		]);
		// two convolutions and a dense layer: 16·9 + 16 + 32·16·9 + 32 … as Keras counts them
		expect(summary.metaGraphs[0].ops).toContainEqual({
			op: "CONV_2D",
			count: 2,
			used: 2,
		});
		// pictures are 0 to 1 in 256 steps; softmax has 1/256 and -128 by the quantization specification
		expect(summary.lite?.quantized).toMatchObject([
			{ port: "image", scale: expect.closeTo(1 / 255, 6), zeroPoint: -128 },
			{ port: "output_0", scale: 1 / 256, zeroPoint: -128 },
		]);
	});

	test("have their signatures by name", () => {
		const keys = summarizeVersion(fileOf("several")).metaGraphs[0].signatures;
		expect(keys.map(({ key }) => key)).toEqual(["product", "rows"]);
	});
});

const run = (...args: string[]) => runCli(args, { cwd: folder });

test("inspect and predict take a file", async () => {
	const shown = await run("inspect", fileOf("digits-uint8"));
	expect(shown.stdout).toContain("TensorFlow Lite 3");
	expect(shown.stdout).toContain("CONV_2D 2");
	expect(shown.stdout).toContain("output_0 = 0.003906 · n");
	const seven = join(process.cwd(), "fixtures/mnist/7.png");
	const answer = await run("predict", fileOf("digits"), "--image", seven);
	expect(answer.stdout).toMatch(/7\.png\s+7\s+99/);
	const words = await run(
		...["predict", fileOf("words"), "--json"],
		...["--input", 'names=["b","","aé"]', "--input", "order=[2,0]"],
	);
	expect(JSON.parse(words.stdout)).toMatchObject({
		outputs: { sorted: ["aé", "b"], same: [true, false, false] },
	});
});

test("an operator that is not TensorFlow Lite's own is told by its name", async () => {
	const { code, stderr } = await run(
		...["predict", fileOf("custom"), "--input", "x=[1,2]"],
	);
	expect(code).toBe(5);
	expect(stderr).toContain('operator "Betainc"');
});

test.each([
	["serve", [], "no engine runs files of TensorFlow Lite"],
	["convert", ["--target", "onnx"], "it is a file of TensorFlow Lite"],
])("%s refuses a file by name", async (command, options, reason) => {
	const { code, stderr } = await run(command, fileOf("digits"), ...options);
	expect(code).toBeGreaterThan(0);
	expect(stderr).toContain(reason);
});

test("an engine cannot be chosen for a file", async () => {
	const { code, stderr } = await run(
		...["predict", fileOf("powers"), "--input", "count=2", "--engine", "tfjs"],
	);
	expect(code).toBe(5);
	expect(stderr).toContain("leave --engine out");
});

test("broken bytes are told as such", async () => {
	const path = join(folder, "broken.tflite");
	const whole = readFileSync(fileOf("several"));
	for (const bytes of [
		Buffer.from(""),
		Buffer.from("no model at all"),
		whole.subarray(0, 200),
		whole.subarray(0, whole.length / 2),
	]) {
		writeFileSync(path, bytes);
		const { code, stderr } = await run("inspect", path);
		expect(code).toBe(4);
		expect(stderr).toContain("broken.tflite");
	}
});

test("whatever bytes are wrong, the reader says so or describes what is there", () => {
	const path = join(folder, "noise.tflite");
	const whole = readFileSync(fileOf("several"));
	const next = random(7);
	for (let round = 0; round < 200; round++) {
		const bytes = Buffer.from(whole);
		bytes[next(bytes.length)] = next(256);
		writeFileSync(path, bytes);
		try {
			summarizeVersion(path);
		} catch (error) {
			expect(error).toBeInstanceOf(MlshipError);
			expect((error as MlshipError).code).not.toBe("BUG");
		}
	}
});
