import {
	cpSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readSource } from "../src/lib/convert/source.js";
import { askSource } from "../src/lib/convert/verify/reference.js";
import { readLite } from "../src/lib/lite/read.js";
import { readOnnx } from "../src/lib/onnx/read.js";
import { writeNpy } from "../src/lib/tensor/npy.js";
import { writeNpz } from "../src/lib/tensor/npz.js";
import { difference } from "./close.js";
import { runCli } from "./run-cli.js";

const digits = join(process.cwd(), "models/digits/2");

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "mlship-verify-"));
});
afterEach(() => {
	rmSync(folder, { recursive: true });
});

const run = (...args: string[]) => runCli(args, { cwd: folder });

/** Where a target's result holds the weights of a layer: a file, and the bytes of each. */
interface Held {
	readonly file: string;
	readonly bytes: readonly Uint8Array[];
}

/** The weights of float32 with a layer's name, of files as targets write them. */
const WEIGHTS: Readonly<Record<string, (layer: string) => Held>> = {
	onnx: (layer) => ({
		file: join(folder, "out/model.onnx"),
		bytes: readOnnx(join(folder, "out/model.onnx"))
			.graph.initializer.filter(({ name }) => name.includes(layer))
			.map(({ rawData }) => rawData),
	}),
	lite: (layer) => {
		const file = join(folder, "out/model.tflite");
		const { subgraphs = [], buffers = [] } = readLite(readFileSync(file));
		const tensors = subgraphs[0].tensors ?? [];
		const bytes = tensors
			.filter(({ name = "" }) => name.includes(layer))
			.flatMap(({ buffer = 0 }) => (buffers[buffer].data as Uint8Array) ?? []);
		return { file, bytes };
	},
	web: (layer) => {
		const file = join(folder, "out/group1-shard1of1.bin");
		const json = JSON.parse(
			readFileSync(join(folder, "out/model.json"), "utf8"),
		);
		const all = readFileSync(file);
		let offset = 0;
		const bytes = [];
		for (const { name, shape } of json.weightsManifest[0].weights) {
			const length = 4 * shape.reduce((a: number, b: number) => a * b, 1);
			if (name.includes(layer))
				bytes.push(all.subarray(offset, offset + length));
			offset += length;
		}
		return { file, bytes };
	},
};

describe.each(Object.keys(WEIGHTS))("a result of target %s", (target) => {
	beforeEach(async () => {
		const args = ["--target", target, "--out", "out", "--no-verify"];
		expect((await run("convert", digits, ...args)).code).toBe(0);
	});

	test("answers as its source does, and another engine says so", async () => {
		const { code, stdout } = await run("verify", digits, "out", "--json");
		expect(code, stdout).toBe(0);
		const { verification } = JSON.parse(stdout);
		expect(verification).toMatchObject({ isIndependent: true, runs: 2 });
		expect(verification.engine).not.toBe({ onnx: "onnx", web: "tfjs" }[target]);
	});

	// the second convolution is fused with the normalization and the activation behind it
	test.each([
		["conv2d_1", "conv2d_1"],
		["batch_normalization_1", "(conv2d_1_2|batch_normalization_1|re_lu_1)"],
		["digit_1", "digit_1"],
	])(
		"whose weights of layer %s are broken is told by the first node of that layer",
		async (layer, told) => {
			const { file, bytes } = WEIGHTS[target](`/${layer}/`);
			const written = readFileSync(file);
			const largest = [...bytes].sort((a, b) => b.length - a.length)[0];
			const at = written.indexOf(largest);
			for (let i = at; i < at + largest.length; i += 4)
				written.writeFloatLE(-3 * written.readFloatLE(i), i);
			writeFileSync(file, written);
			const { code, stderr } = await run("verify", digits, "out");
			expect(code, stderr).toBe(8);
			expect(stderr).toMatch(
				new RegExp(`first node that differs is ".*" \\(.* in layer "${told}"`),
			);
		},
	);
});

describe("what a result is compared on", () => {
	const pixels = Float32Array.from({ length: 3 * 784 }, (_, i) => (i % 7) / 7);
	const image = {
		dtype: "float32",
		shape: [3, 28, 28, 1],
		data: pixels,
	} as const;
	const rows = (count: number) =>
		Array.from({ length: count }, () =>
			Array.from({ length: 28 }, () => Array.from({ length: 28 }, () => [0.5])),
		);

	beforeEach(async () => {
		writeFileSync(join(folder, "x.npy"), writeNpy(image));
		writeFileSync(join(folder, "x.npz"), writeNpz({ image }));
		writeFileSync(
			join(folder, "x.json"),
			JSON.stringify({ instances: rows(2) }),
		);
		const lines = [rows(1), rows(2)].map((instances) =>
			JSON.stringify({ instances }),
		);
		writeFileSync(join(folder, "x.jsonl"), `${lines.join("\n")}\n\n`);
		cpSync("fixtures/mnist", join(folder, "pictures"), { recursive: true });
		await run(
			"convert",
			digits,
			"--target",
			"onnx",
			"--out",
			"d.onnx",
			"--no-verify",
		);
	});

	test.each([
		["x.npy", 1, [3, 10]],
		["x.npz", 1, [3, 10]],
		["x.json", 1, [2, 10]],
		["x.jsonl", 2, [1, 10]],
		["pictures", 10, [1, 10]],
	])("may be %s: %i runs", async (data, runs, shape) => {
		const { code, stdout } = await run(
			"verify",
			digits,
			"d.onnx",
			"--data",
			data,
			"--json",
		);
		expect(code, stdout).toBe(0);
		const { verification } = JSON.parse(stdout);
		expect(verification).toMatchObject({ runs, data: join(folder, data) });
		if (runs === 1) expect(verification.outputs[0].shape).toEqual(shape);
	});

	test.each([
		["none.npz", 3, /none\.npz/],
		["d.onnx", 2, /d\.onnx|cannot/],
		["wrong.npz", 2, /\[28,28\]|rank|shape/],
		["broken.jsonl", 2, /line 2/],
		["empty.jsonl", 2, /no requests/],
		["empty", 2, /no pictures/],
	])("must not be %s", async (data, code, says) => {
		const flat = { ...image, shape: [3 * 28, 28] };
		writeFileSync(join(folder, "wrong.npz"), writeNpz({ image: flat }));
		writeFileSync(
			join(folder, "broken.jsonl"),
			`${JSON.stringify({ instances: rows(1) })}\n{`,
		);
		writeFileSync(join(folder, "empty.jsonl"), "\n");
		mkdirSync(join(folder, "empty"));
		const made = await run("verify", digits, "d.onnx", "--data", data);
		expect(made.code, made.stderr).toBe(code);
		expect(made.stderr).toMatch(says);
	});
});

test("answers of two models that differ are told, in words and as JSON", async () => {
	const other = join(process.cwd(), "models/digits/1");
	const { code, stdout, stderr } = await run("verify", digits, other);
	expect(code).toBe(8);
	expect(stdout).toMatch(/output_0 .* differs/);
	expect(stderr).toContain("the models answer differently");
	const json = await run("verify", digits, other, "--json");
	expect(json.code).toBe(8);
	expect(JSON.parse(json.stdout)).toMatchObject({
		error: { code: "MISMATCH", at: { output: "output_0" } },
		signatures: ["serving_default"],
	});
});

test.each([
	[
		"fixtures/models/rnn/1",
		2,
		/cannot compare the models: the source has inputs/,
	],
	["fixtures/none", 3, /none/],
	["README.md", 2, /README\.md/],
])("%s is no result of the digits", async (path, code, says) => {
	const made = await run("verify", digits, join(process.cwd(), path));
	expect(made.code, made.stderr).toBe(code);
	expect(made.stderr).toMatch(says);
});

test("what only another converter's runtime refuses is told as that", async () => {
	const mobile = join(process.cwd(), "fixtures/models/mobile/1");
	// tensorflowjs_converter writes a hard swish that TensorFlow.js does not run
	const made = await run(
		"verify",
		mobile,
		join(process.cwd(), "fixtures/tfjs/mobile"),
	);
	expect(made.code, made.stderr).toBe(5);
	expect(made.stderr).toMatch(/cannot run .*hardswish/);
});

test("where no other runtime is installed, the source is run node by node", async () => {
	const [program] = readSource(digits).programs;
	const asked = await askSource({ program }, undefined, "onnx", []);
	expect(asked).toMatchObject({ engine: "interpreter", isIndependent: true });
	const alone = await askSource({ program }, undefined, "onnx");
	const [a, b] = [alone, asked].map(
		({ answers }) => answers[0].outputs.output_0,
	);
	expect(difference(a, b)).toBeUndefined();
});
