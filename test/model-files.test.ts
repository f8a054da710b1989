import {
	cpSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromJson, toBinary } from "@bufbuild/protobuf";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GraphDefSchema } from "../src/gen/graph_pb.js";
import { openSource } from "../src/lib/convert/source.js";
import { TARGETS } from "../src/lib/convert/targets.js";
import { loadProgram } from "../src/lib/engines/index.js";
import type { Tensors } from "../src/lib/tensor/tensor.js";
import { difference, type Tolerance } from "./close.js";
import { readCorpus } from "./corpus.js";
import { runCli } from "./run-cli.js";

const CORPUS = new Map(readCorpus().map((model) => [model.name, model]));
const FIXTURES = join(process.cwd(), "fixtures");
const GRAPHS = join(FIXTURES, "tfjs");

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "mlship-files-"));
});
afterEach(() => {
	rmSync(folder, { recursive: true });
});

const run = (...args: string[]) => runCli(args, { cwd: folder });
const convert = (...args: string[]) => run("convert", ...args);

/** Weights of float16 keep three digits, those of uint8 two. */
const COARSE: Readonly<Record<string, Tolerance>> = {
	digits: { rtol: 1e-2, atol: 1e-2 },
	mobile: { rtol: 5e-2, atol: 5e-2 },
};

/** Runs the cases of a model of the corpus on a file. */
async function expectAnswers(
	path: string,
	name: string,
	tolerance?: Tolerance,
): Promise<void> {
	const cases = CORPUS.get(name)?.cases ?? [];
	expect(cases.length).toBeGreaterThan(0);
	const source = await openSource(path);
	try {
		const [program] = source.programs;
		const session = await loadProgram(program, "auto", { workers: 0 });
		for (const { inputs, outputs } of cases.filter(
			({ signature }) => signature === program.signature,
		)) {
			const given: Tensors = inputs;
			const made = await session.run(given);
			for (const [key, expected] of Object.entries(outputs))
				expect(difference(made[key], expected, tolerance)).toBeUndefined();
		}
		await session.close();
	} finally {
		source.close();
	}
}

describe.each([
	["digits", "digits"],
	["mobile", "mobile"],
	["tabular", "tabular"],
	["rnn", "rnn"],
	["rnn-lowered", "rnn"],
])("the graph model of tensorflowjs_converter %s", (graph, model) => {
	const path = join(GRAPHS, graph, "model.json");

	test("answers as TensorFlow does", async () => {
		const known = CORPUS.has(model) ? model : `${model}@1`;
		await expectAnswers(path, known, COARSE[graph]);
	});

	test.each(graph === "tabular" ? ["web"] : Object.keys(TARGETS))(
		"converts to %s, checked",
		async (target) => {
			const args = [join(GRAPHS, graph), "--target", target, "--json"];
			const { code, stdout, stderr } = await convert(...args, "--out", "out");
			expect(code, stderr + stdout).toBe(0);
			expect(JSON.parse(stdout).verification.outputs.length).toBeGreaterThan(0);
		},
	);
});

test.each(["digits.keras", "digits.h5", "tfjs/model.json"])(
	"the Keras file %s converts to every target and is inspected and run as it is",
	async (file) => {
		const path = join(FIXTURES, "keras", file);
		for (const target of Object.keys(TARGETS)) {
			const made = await convert(path, "--target", target, "--out", target);
			expect(made.code, made.stderr).toBe(0);
		}
		const shown = await run("inspect", path, "--targets", "--json");
		const [{ name, dir, targets }] = JSON.parse(shown.stdout).models;
		expect([name, dir]).toEqual([
			file.startsWith("tfjs") ? "tfjs" : "digits",
			path,
		]);
		expect(
			targets[0].targets.map(({ converts }: { converts: boolean }) => converts),
		).toEqual([true, true, true]);
		if (name !== "digits") return;
		const picture = join(FIXTURES, "mnist/7.png");
		const told = await run("predict", path, "--image", picture);
		expect(told.stdout, told.stderr).toMatch(/7\.png +7 /);
	},
);

test.each(["detector", "unet", "zoo_fusion_conv", "zoo_depthwise"])(
	"what mlship made of %s for TensorFlow.js is read again and answers as TensorFlow does",
	async (name) => {
		const model = CORPUS.get(name);
		const keys = new Set(model?.cases.map(({ signature }) => signature));
		for (const key of keys) {
			const dir = join(process.cwd(), model?.dir ?? "");
			const args = ["--target", "web", "--signature", key, "--no-verify"];
			const made = await convert(dir, ...args, "--out", `out-${key}`);
			if (made.code === 5) continue;
			const source = await openSource(join(folder, `out-${key}`));
			const session = await loadProgram(source.programs[0], "auto", {
				workers: 0,
			});
			for (const { signature, inputs, outputs } of model?.cases ?? []) {
				if (signature !== key) continue;
				const answers = await session.run({ ...inputs });
				for (const [output, expected] of Object.entries(outputs))
					expect(
						difference(answers[output], expected, { whole: true }),
					).toBeUndefined();
			}
			await session.close();
			source.close();
		}
	},
);

test("a graph of converters before 1.0 is read, with weights_manifest.json beside it", async () => {
	const made = JSON.parse(
		readFileSync(join(GRAPHS, "digits/model.json"), "utf8"),
	);
	const graph = fromJson(GraphDefSchema, made.modelTopology, {
		ignoreUnknownFields: true,
	});
	cpSync(
		join(GRAPHS, "digits/group1-shard1of1.bin"),
		join(folder, "group1-shard1of1.bin"),
	);
	writeFileSync(
		join(folder, "weights_manifest.json"),
		JSON.stringify(made.weightsManifest),
	);
	writeFileSync(
		join(folder, "tensorflowjs_model.pb"),
		toBinary(GraphDefSchema, graph),
	);
	const shown = await run("inspect", "tensorflowjs_model.pb", "--json");
	const [{ metaGraphs }] = JSON.parse(shown.stdout).models;
	expect(metaGraphs[0].signatures[0]).toMatchObject({
		inputs: [{ name: "image" }],
		outputs: [{ name: "Identity" }],
	});
	const { code, stderr } = await convert(
		".",
		"--target",
		"onnx",
		"--out",
		"out",
	);
	expect(code, stderr).toBe(0);
});

test.each<[string, (json: Record<string, never>) => void, number, RegExp]>([
	[
		"names a shard outside of its folder",
		(json) => {
			(json.weightsManifest as { paths: string[] }[])[0].paths = [
				"../../secret.bin",
			];
		},
		4,
		/no file beside it/,
	],
	[
		"names a shard that is not there",
		(json) => {
			(json.weightsManifest as { paths: string[] }[])[0].paths = ["other.bin"];
		},
		3,
		/other\.bin: no such file/,
	],
	[
		"asks for more bytes than there are",
		(json) => {
			(
				json.weightsManifest as { weights: { shape: number[] }[] }[]
			)[0].weights[0].shape = [1e6, 1e3];
		},
		4,
		/behind the end/,
	],
	[
		"has a weight of no type",
		(json) => {
			(json.weightsManifest as { weights: object[] }[])[0].weights[0] = {
				name: "x",
				shape: [1],
				dtype: "float128",
			};
		},
		4,
		/float128/,
	],
	[
		"has no weights",
		(json) => {
			delete json.weightsManifest;
		},
		4,
		/weightsManifest/,
	],
	[
		"has a node that is none",
		(json) => {
			(json.modelTopology as { node: unknown[] }).node = [{ name: 3 }];
		},
		4,
		/cannot read the graph/,
	],
	[
		"has an operation that nobody knows",
		(json) => {
			(
				json.modelTopology as { node: { op: string; input?: string[] }[] }
			).node.filter(({ input }) => input)[0].op = "Fancy";
		},
		5,
		/Fancy/,
	],
])("a graph model that %s is refused", async (_, change, code, says) => {
	cpSync(join(GRAPHS, "digits"), join(folder, "model"), { recursive: true });
	const path = join(folder, "model/model.json");
	const json = JSON.parse(readFileSync(path, "utf8"));
	change(json);
	writeFileSync(path, JSON.stringify(json));
	const made = await convert("model", "--target", "onnx", "--out", "out");
	expect(made.code, made.stderr).toBe(code);
	expect(made.stderr).toMatch(says);
	expect(readdirSync(folder)).toEqual(["model"]);
});

test.each([
	["model.onnx", "an ONNX file"],
	["model.tflite", "a file of TensorFlow Lite"],
])("%s is no source of a conversion", async (name, form) => {
	const target = name.endsWith("onnx") ? "onnx" : "lite";
	const digits = join(process.cwd(), "models/digits/2");
	await convert(digits, "--target", target, "--out", name, "--no-verify");
	const { code, stderr } = await convert(name, "--target", "web");
	expect(code, stderr).toBe(5);
	expect(stderr).toContain(form);
	expect(stderr).toContain("convert the model that it was made of");
});

test("a model.json of something else does not hide the models of a folder", async () => {
	writeFileSync(join(folder, "model.json"), JSON.stringify({ a: 1 }));
	cpSync(join(process.cwd(), "models/digits/1"), join(folder, "d/1"), {
		recursive: true,
	});
	const { code, stdout, stderr } = await run("inspect", ".", "--json");
	expect(code, stderr).toBe(0);
	expect(JSON.parse(stdout).models[0].name).toBe("d");
});

test("what a file is called does not lead out of the temporary folder", async () => {
	cpSync(join(FIXTURES, "keras/digits.keras"), join(folder, "...keras"));
	const { code, stdout, stderr } = await run("inspect", "...keras", "--json");
	expect(code, stderr).toBe(0);
	expect(JSON.parse(stdout).models[0].name).toBe("model");
});

test("a graph model that runs in a circle is refused", async () => {
	cpSync(join(GRAPHS, "digits"), join(folder, "model"), { recursive: true });
	const path = join(folder, "model/model.json");
	const json = JSON.parse(readFileSync(path, "utf8"));
	const relu = json.modelTopology.node.find(
		({ op }: { op: string }) => op === "_FusedMatMul",
	);
	relu.input[0] = relu.name;
	writeFileSync(path, JSON.stringify(json));
	const made = await convert("model", "--target", "onnx", "--out", "out");
	expect(made.code, made.stderr).toBe(4);
	expect(readdirSync(folder)).toEqual(["model"]);
});
