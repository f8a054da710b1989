import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectClose } from "../../../close.js";
import { readCorpus } from "../../../corpus.js";
import { runCli } from "../../../run-cli.js";

interface Tf {
	loadGraphModel(
		url: string,
		options: { fetchFunc(url: string): Promise<Response> },
	): Promise<{
		predict(inputs: object): { shape: number[]; dataSync(): Float32Array };
	}>;
	tensor(data: unknown, shape: readonly number[]): object;
	setBackend(name: string): Promise<boolean>;
}

const require = createRequire(import.meta.url);

/** TensorFlow.js as a page has it, without anything of ours. */
async function tensorflow(): Promise<Tf> {
	const core = require("@tensorflow/tfjs-core") as Tf;
	require("@tensorflow/tfjs-backend-cpu");
	await core.setBackend("cpu");
	const { loadGraphModel } = require("@tensorflow/tfjs-converter") as Tf;
	return { ...core, loadGraphModel };
}

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "mlship-web-"));
});
afterEach(() => {
	rmSync(folder, { recursive: true });
});

const convert = (dir: string, ...args: string[]) =>
	runCli(["convert", dir, "--target", "web", "--out", folder, ...args]);

test("tf.loadGraphModel loads what was written as it is, in shards of the size that is asked for", async () => {
	const [digits] = readCorpus().filter(({ name }) => name === "digits");
	const { code } = await convert(digits.dir, "--shard-size", "64k");
	expect(code).toBe(0);
	expect(readdirSync(folder)).toEqual([
		"group1-shard1of3.bin",
		"group1-shard2of3.bin",
		"group1-shard3of3.bin",
		"model.d.ts",
		"model.json",
	]);
	expect(readFileSync(join(folder, "group1-shard1of3.bin")).length).toBe(
		64 * 1024,
	);
	const tf = await tensorflow();
	const model = await tf.loadGraphModel("http://localhost/model.json", {
		fetchFunc: async (url) =>
			new Response(readFileSync(join(folder, basename(url)))),
	});
	const [{ inputs, outputs }] = digits.cases;
	const { data, shape } = inputs.image;
	const made = model.predict({ image: tf.tensor(data, shape) });
	expectClose(
		{ dtype: "float32", shape: made.shape, data: made.dataSync() },
		outputs.output_0,
	);
});

test("files of an earlier model go with it", async () => {
	await convert("models/digits/2", "--shard-size", "20k", "--no-verify");
	await convert("models/digits/2", "--force", "--no-verify");
	expect(readdirSync(folder)).toEqual([
		"group1-shard1of1.bin",
		"model.d.ts",
		"model.json",
	]);
});

test("options of other targets are refused", async () => {
	const { code, stderr } = await convert("models/digits/2", "--external-data");
	expect(code).toBe(2);
	expect(stderr).toContain("--external-data");
});

test("weights are quantized by name, which is told, and answers stay close", async () => {
	const { code, stdout } = await convert(
		...["models/digits/2", "--json", "--tolerance", "0.1"],
		...["--quantize", "uint8=*digit*", "--quantize", "float16"],
	);
	expect(code).toBe(0);
	const { quantized, byteLength } = JSON.parse(stdout);
	expect(quantized).toMatchObject([
		{ type: "uint8", glob: "*digit*", weights: 2 },
		{ type: "float16", glob: "*" },
	]);
	// 12,812 numbers in float32 are 51,248 bytes
	expect(byteLength).toBeLessThan(40_000);
	const { weightsManifest } = JSON.parse(
		readFileSync(join(folder, "model.json"), "utf8"),
	);
	for (const { name, dtype, quantization } of weightsManifest[0].weights)
		expect([name, quantization?.dtype]).toEqual([
			name,
			dtype !== "float32"
				? undefined
				: name.includes("digit")
					? "uint8"
					: "float16",
		]);
});

test.each([
	[["--quantize", "uint8=nothing*"], /no weight is called "nothing\*"/],
	[["--quantize", "int4"], /"int4" is none of/],
	[["--quantize", "uint8", "--quantize", "float16"], /both for all weights/],
	[
		["--quantize", "uint8=*", "--quantize", "float16=*"],
		/both uint8 and float16/,
	],
])("%j is refused", async (args, says) => {
	const { code, stderr } = await convert("models/digits/2", ...args);
	expect(code).toBe(2);
	expect(stderr).toMatch(says);
	expect(readdirSync(folder)).toEqual([]);
});

test("a page that runs the model lies beside it, with TensorFlow.js", async () => {
	const { code } = await convert("models/digits/2", "--demo", "--no-verify");
	expect(code).toBe(0);
	const page = readFileSync(join(folder, "index.html"), "utf8");
	const scripts = [...page.matchAll(/<script src="([^"]+)"/g)].map(
		([, source]) => source,
	);
	expect(scripts.length).toBeGreaterThan(0);
	for (const script of scripts) expect(readdirSync(folder)).toContain(script);
	expect(page).toContain('"name":"image"');
});

test("the signature's types are those that TypeScript has of TensorFlow.js", async () => {
	await convert("models/digits/2", "--no-verify");
	const types = readFileSync(join(folder, "model.d.ts"), "utf8");
	expect(types).toContain('readonly "image": Tensor4D;');
	expect(types).toContain('readonly "output_0": Tensor2D;');
});
