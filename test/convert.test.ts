import {
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSource, readSource } from "../src/lib/convert/source.js";
import { loadTarget, TARGETS } from "../src/lib/convert/targets.js";
import { readOnnx } from "../src/lib/onnx/read.js";
import type { Tensor } from "../src/lib/tensor/tensor.js";
import { difference } from "./close.js";
import { readCorpus } from "./corpus.js";
import { runCli } from "./run-cli.js";

/** The models that every target has to hold. */
const HELD = ["digits", "mobile", "unet", "rnn", "transformer", "detector"];

const CORPUS = readCorpus().filter(({ name }) => HELD.includes(name));

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "mlship-convert-"));
});
afterEach(() => {
	rmSync(folder, { recursive: true });
});

const convert = (...args: string[]) =>
	runCli(["convert", ...args], { cwd: folder });
const digits = join(process.cwd(), "models/digits/2");
const examples = join(process.cwd(), "fixtures/models/estimator_like");

describe.each(Object.keys(TARGETS))("mlship convert --target %s", (name) => {
	test.each(CORPUS)("$name answers as TensorFlow does", async (model) => {
		const target = await loadTarget(name);
		const { code, stdout, stderr } = await convert(
			join(process.cwd(), model.dir),
			...["--target", name, "--out", "out", "--json"],
		);
		expect(code, stderr + stdout).toBe(0);
		const { main, verification } = JSON.parse(stdout);
		expect(verification.outputs.length).toBeGreaterThan(0);
		for (const { signature, inputs, outputs } of model.cases) {
			const [program] = readSource(model.dir, { signature }).programs;
			const opened = await target.open(main, program);
			try {
				const made = await opened.run(inputs);
				for (const [key, expected] of Object.entries(outputs))
					expect(difference(made[key], expected)).toBeUndefined();
			} finally {
				await opened.close();
			}
		}
	});

	test("a folder with something in it is left alone without --force", async () => {
		writeFileSync(join(folder, "mine.txt"), "");
		const first = await convert(digits, "--target", name, "--out", ".");
		expect(first).toMatchObject({ code: 2, stdout: "" });
		expect(first.stderr).toContain("not empty");
		expect(readdirSync(folder)).toEqual(["mine.txt"]);
		const forced = await convert(
			...[digits, "--target", name, "--out", ".", "--force", "--no-verify"],
		);
		expect(forced.code, forced.stderr).toBe(0);
		expect(readdirSync(folder)).toContain("mine.txt");
	});

	test("what is in the way is told at once, and nothing is written", async () => {
		const args = [examples, "--target", name, "--out", "out"];
		const { code, stderr } = await convert(...args);
		expect(code).toBe(5);
		expect(stderr).toContain("ParseExampleV2");
		const dry = await convert(...args, "--dry-run", "--json");
		expect(dry.code).toBe(5);
		expect(JSON.parse(dry.stdout).obstacles).toContainEqual(
			expect.objectContaining({
				op: "ParseExampleV2",
				count: 1,
				layer: "ParseExample",
			}),
		);
		expect(readdirSync(folder)).toEqual([]);
	});

	test("inputs that the model does not take are told, and nothing is written", async () => {
		const other = { image: [[1, 2]] };
		writeFileSync(join(folder, "x.json"), JSON.stringify({ inputs: other }));
		const { code, stderr } = await convert(
			...[digits, "--target", name, "--out", "new/out", "--data", "x.json"],
		);
		expect(code, stderr).toBe(2);
		expect(readdirSync(folder)).toEqual(["x.json"]);
	});
});

test.each([
	[["--target", "tflight"], 2, /the targets are/],
	[["--target", "onnx", "--signature", "none"], 3, /serving_default/],
	[["--target", "onnx", "--tolerance", "much"], 2, /--tolerance much/],
	[["--target", "onnx", "--out", "x.json/y.onnx"], 2, /x.json is a file/],
	[[], 2, /--target/],
])("mlship convert models/digits %j ends with %i", async (args, code, says) => {
	writeFileSync(join(folder, "x.json"), "");
	const run = await convert(digits, ...args);
	expect(run.code).toBe(code);
	expect(run.stderr).toMatch(says);
	expect(readdirSync(folder)).toEqual(["x.json"]);
});

test("answers that are off by more than the tolerance are told, with the first node that differs, and nothing is kept", async () => {
	const args = [digits, "--target", "web", "--tolerance", "1e-12"];
	const { code, stdout, stderr } = await convert(...args);
	expect(code).toBe(8);
	expect(stdout).toMatch(/output_0 +float32 \[4,10\] +max error .* differs/);
	expect(stderr).toMatch(
		/output "output_0" is off by .* first node .* in layer "conv2d_1"/,
	);
	expect(readdirSync(folder)).toEqual([]);
	const json = await convert(...args, "--json");
	expect(json.code).toBe(8);
	expect(JSON.parse(json.stdout)).toMatchObject({
		error: { code: "MISMATCH", at: { output: "output_0" } },
		files: [],
		verification: { outputs: [{ name: "output_0", isClose: false }] },
	});
});

test("--wasm-safe refuses what WebAssembly does not run", async () => {
	const models = join(process.cwd(), "fixtures/models");
	const args = [
		"--target",
		"web",
		"--wasm-safe",
		"--no-verify",
		"--out",
		"out",
	];
	const safe = await convert(join(models, "transformer"), ...args);
	expect(safe.code, safe.stderr).toBe(0);
	const { code, stderr } = await convert(join(models, "tabular"), ...args);
	expect(code).toBe(5);
	expect(stderr).toContain("WebAssembly");
});

test("lowered control flow has no functions, and answers as TensorFlow does", async () => {
	const [{ dir, cases }] = readCorpus().filter(({ name }) => name === "rnn");
	const { code, stdout, stderr } = await convert(
		...[join(process.cwd(), dir), "--target", "web", "--out", "out"],
		...["--control-flow", "lowered", "--json"],
	);
	expect(code, stderr + stdout).toBe(0);
	const { main, operations } = JSON.parse(stdout);
	expect(operations).toMatchObject({ LoopCond: expect.any(Number) });
	const { modelTopology } = JSON.parse(readFileSync(main, "utf8"));
	expect(modelTopology.library.function).toEqual([]);
	const target = await loadTarget("web");
	for (const { signature, inputs, outputs } of cases) {
		const [program] = readSource(dir, { signature }).programs;
		const opened = await target.open(main, program);
		const made = await opened.run(inputs).finally(() => opened.close());
		for (const [key, expected] of Object.entries(outputs))
			expect(difference(made[key], expected)).toBeUndefined();
	}
});

test("tables of a graph model are filled when it is loaded", async () => {
	const [{ dir, cases }] = readCorpus().filter(
		({ name }) => name === "tabular",
	);
	const { code, stdout } = await convert(
		...[join(process.cwd(), dir), "--target", "web", "--out", "out", "--json"],
	);
	expect(code, stdout).toBe(0);
	const target = await loadTarget("web");
	for (const { signature, inputs, outputs } of cases) {
		const [program] = readSource(dir, { signature }).programs;
		const opened = await target.open(JSON.parse(stdout).main, program);
		const made = await opened.run(inputs).finally(() => opened.close());
		for (const [key, expected] of Object.entries(outputs))
			expect(difference(made[key], expected)).toBeUndefined();
	}
});

test.each([15, 17, 18, 20])(
	"models in opset %i answer as TensorFlow does",
	async (opset) => {
		const target = await loadTarget("onnx");
		for (const { name, dir, cases } of CORPUS) {
			const out = join(folder, `${name}.onnx`);
			const run = await convert(
				...[join(process.cwd(), dir), "--target", "onnx", "--out", out],
				...["--opset", String(opset), "--no-verify"],
			);
			expect(run.code, run.stderr).toBe(0);
			expect(Number(readOnnx(out).model.opsetImport[0].version)).toBe(opset);
			for (const { signature, inputs, outputs } of cases) {
				const [program] = readSource(dir, { signature }).programs;
				const opened = await target.open(out, program);
				const made = await opened.run(inputs).finally(() => opened.close());
				for (const [key, expected] of Object.entries(outputs))
					expect(difference(made[key], expected)).toBeUndefined();
			}
		}
	},
);

test("an ONNX file is called as the model, and is not replaced unasked", async () => {
	const args = [digits, "--target", "onnx"];
	expect((await convert(...args)).code).toBe(0);
	const names = readdirSync(folder);
	expect(names).toEqual(["digits.onnx"]);
	expect((await convert(...args)).stderr).toContain("exists");
	expect((await convert(...args, "--force")).code).toBe(0);
	expect(readdirSync(folder)).toEqual(names);
});

test("an ONNX model with its weights beside it is served from a version folder", async () => {
	const { code } = await convert(
		...[digits, "--target", "onnx", "--external-data", "--out", "digits/7"],
	);
	expect(code).toBe(0);
	expect(readdirSync(join(folder, "digits/7"))).toEqual([
		"model.onnx",
		"model.onnx.data",
	]);
	const args = ["predict", "./digits", "--input"];
	const picture = JSON.stringify([new Array(28).fill(new Array(28).fill([0]))]);
	const run = await runCli([...args, `image=${picture}`, "--json"], {
		cwd: folder,
	});
	expect(run.code, run.stderr).toBe(0);
});

test.each(["web", "onnx"])(
	"a frozen graph converted to %s answers as TensorFlow does",
	async (name) => {
		const { image, conv, scores } = JSON.parse(
			readFileSync("fixtures/frozen/cases.json", "utf8"),
		);
		const graph = join(process.cwd(), "fixtures/frozen/graph.pb");
		writeFileSync(
			join(folder, "x.json"),
			JSON.stringify({ inputs: { image } }),
		);
		const run = await convert(
			...[
				graph,
				"--target",
				name,
				"--out",
				"out",
				"--data",
				"x.json",
				"--json",
			],
			...["--outputs", "scores,conv:0"],
		);
		expect(run.code, run.stdout).toBe(0);
		const { main } = JSON.parse(run.stdout);
		const outputs = ["conv", "scores"];
		const source = await openSource(graph, { outputs });
		const [program] = source.programs;
		const opened = await (await loadTarget(name)).open(main, program);
		const made = await opened
			.run({ image: numbers([2, 6, 6, 2], image) })
			.finally(() => opened.close());
		source.close();
		for (const [key, shape, expected] of [
			["conv", [2, 6, 6, 4], conv],
			["scores", [2, 3], scores],
		] as const)
			expect(difference(made[key], numbers(shape, expected))).toBeUndefined();
	},
);

test.each([
	[["--outputs", "scorse"], /nearest of the graph's nodes are "scores"/],
	[["--inputs", "picture"], /cannot find input "picture"/],
])("a frozen graph with %j is refused", async (args, says) => {
	const graph = join(process.cwd(), "fixtures/frozen/graph.pb");
	const { code, stderr } = await convert(graph, "--target", "onnx", ...args);
	expect(code).toBe(2);
	expect(stderr).toMatch(says);
	expect(readdirSync(folder)).toEqual([]);
});

function numbers(shape: readonly number[], nested: unknown[]): Tensor {
	const data = Float32Array.from(nested.flat(9) as number[]);
	return { dtype: "float32", shape, data };
}
