import {
	cpSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	truncateSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runCli } from "../run-cli.js";

const MODELS = "fixtures/models";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "mlship-"));
});
afterEach(() => {
	rmSync(folder, { recursive: true });
});

async function inspect(...argv: string[]): Promise<string> {
	const { code, stdout, stderr } = await runCli(["inspect", ...argv]);
	expect(stderr).toBe("");
	expect(code).toBe(0);
	return stdout;
}

describe("mlship inspect", () => {
	test("shows what the latest version takes and gives, and how large it is", async () => {
		expect(await inspect(`${MODELS}/digits`)).toMatchInlineSnapshot(`
			"digits 3
			  fixtures/models/digits/3 · TensorFlow 2.21.0 · tags serve · versions 1, 2, 3

			serving_default
			  in   image     float32  [?,28,28,1]  serving_default_image:0
			  out  output_0  float32  [?,10]       StatefulPartitionedCall_1:0

			serve as serving_default

			weights  12,938 parameters in 10 variables, 51.8 kB; checkpoint of 22 tensors, 106 kB
			layers   8: conv2d_2_1, max_pooling2d_2_1, conv2d_3_1, …, digit_1
			graph    65 nodes, 22 operations: BiasAdd 3, Mul 3, Reshape 3, AddV2 2, Conv2D 2, MaxPool 2, …; 5 functions; saved_model.pb 76.5 kB
			"
		`);
	});

	test("shows one signature", async () => {
		expect(
			await inspect(
				"fixtures/saved/tag_sets",
				"--tag-set",
				"serve",
				"--signature",
				"odd",
			),
		).toMatchInlineSnapshot(`
			"tag_sets 1
			  fixtures/saved/tag_sets · TensorFlow 2.21.0 · tags serve

			odd
			  in   ragged  DT_INVALID  any shape  composite ragged/flat_values:0, ragged/row_splits_0:0
			  in   sparse  float32     [?,4]      sparse sparse/indices:0, sparse/values:0, sparse/shape:0
			  in   x       float32     [?,2]      x:0
			  out  y       float32     [?,1]      y:0
			"
		`);
	});

	test("tells which engines run each signature, and what stops the others", async () => {
		const text = await inspect(`${MODELS}/dtypes`, "--engines");
		expect(text).toContain("dtypes 1\n  fixtures/models/dtypes/1\n");
		expect(text).toMatch(/^same_float64\n {2}onnx {7}runs it$/m);
		expect(text).toContain("TensorFlow.js has no float64 tensors");
	});

	test("gives the same as JSON", async () => {
		const { models } = JSON.parse(
			await inspect(
				`${MODELS}/dtypes`,
				"--engines",
				"--signature",
				"same_float64",
				"--json",
			),
		);
		const [{ signature, engines }] = models[0].engines;
		expect(signature).toBe("same_float64");
		expect(engines.slice(0, 2)).toMatchObject([
			{ name: "onnx", runs: true, obstacles: [] },
			{
				name: "tfjs",
				runs: false,
				// and that it is not installed, where it is not
				obstacles: expect.arrayContaining([
					{
						op: "Placeholder",
						count: 2,
						node: "x",
						reason: "TensorFlow.js has no float64 tensors",
					},
				]),
			},
		]);
	});

	test("shows weights, layers and operations of a version", async () => {
		expect(
			await inspect(`${MODELS}/digits/1`, "--weights", "--layers", "--ops"),
		).toMatchInlineSnapshot(`
			"digits 1
			  fixtures/models/digits/1 · TensorFlow 2.21.0 · tags serve

			weight                     type     shape     parameters   bytes  key in the checkpoint
			sequential/dense/kernel_1  float32  [784,48]      37,632  151 kB  _all_variables/0/.ATTRIBUTES/VARIABLE_VALUE
			sequential/digit/kernel_1  float32  [48,10]          480  1.9 kB  _all_variables/3/.ATTRIBUTES/VARIABLE_VALUE
			sequential/dense/bias_1    float32  [48]              48   192 B  _all_variables/1/.ATTRIBUTES/VARIABLE_VALUE
			sequential/digit/bias_1    float32  [10]              10    40 B  _all_variables/2/.ATTRIBUTES/VARIABLE_VALUE

			layer      parameters  operations                          weights
			flatten_1           0  Shape, StridedSlice, Pack, Reshape
			dense_1        37,680  MatMul, BiasAdd, Relu               [784,48] [48]
			digit_1           490  MatMul, BiasAdd, Softmax            [48,10] [10]

			operation                used  in the file
			ReadVariableOp              4           28
			Const                       4           13
			VarHandleOp                 4           12
			StatefulPartitionedCall     4            6
			Identity                    3           31
			NoOp                        3            7
			Placeholder                 2            3
			BiasAdd                     2            2
			MatMul                      2            2
			Pack                        1            2
			Relu                        1            1
			Reshape                     1            1
			Shape                       1            1
			Softmax                     1            1
			StridedSlice                1            1
			AssignVariableOp            0           12
			DisableCopyOnRead           0            8
			VarIsInitializedOp          0            4
			MergeV2Checkpoints          0            1
			RestoreV2                   0            1
			SaveV2                      0            1
			Select                      0            1
			ShardedFilename             0            1
			StaticRegexFullMatch        0            1
			StringJoin                  0            1
			"
		`);
	});

	test("lists names of operations", async () => {
		expect(
			await inspect(
				`${MODELS}/tensorflow-serving/matrix_half_plus_two`,
				"--list-ops",
			),
		).toMatchInlineSnapshot(`
			"matrix_half_plus_two 1
			  fixtures/models/tensorflow-serving/matrix_half_plus_two/1 · TensorFlow 1.2.0-rc2 · tags serve

			Add Const Mul NoOp Placeholder
			"
		`);
	});

	test("shows every tag set", async () => {
		expect(await inspect("fixtures/saved/tag_sets")).toMatchInlineSnapshot(`
			"tag_sets 1
			  fixtures/saved/tag_sets · TensorFlow 2.21.0

			tags train

			train
			  in   x  float32  [?,2]  x:0
			  out  y  float32  [?,1]  y:0

			weights  2 parameters in 1 variable, 8 B
			layers   1: y
			graph    4 nodes, 4 operations: MatMul 1; 0 functions; saved_model.pb 28.2 kB

			tags serve

			serving_default
			  in   x       float32     [?,2]      x:0
			  out  y       float32     [?,1]      y:0

			no inputs, "quoted" 'key' ü
			  out  w       float32     [2,1]      w_value:0

			odd
			  in   ragged  DT_INVALID  any shape  composite ragged/flat_values:0, ragged/row_splits_0:0
			  in   sparse  float32     [?,4]      sparse sparse/indices:0, sparse/values:0, sparse/shape:0
			  in   x       float32     [?,2]      x:0
			  out  y       float32     [?,1]      y:0

			weights  2 parameters in 1 variable, 8 B
			layers   1: y
			graph    5 nodes, 4 operations: MatMul 1; 0 functions; saved_model.pb 28.2 kB

			tags serve,gpu

			serving_default
			  in   x  float32  [?,2]  x:0
			  out  y  float32  [?,1]  y:0

			weights  2 parameters in 1 variable, 8 B
			layers   1: y
			graph    4 nodes, 4 operations: MatMul 1; 0 functions; saved_model.pb 28.2 kB
			"
		`);
	});

	test("gives a repository one line a model", async () => {
		for (const name of ["digits", "control", "text"])
			cpSync(`${MODELS}/${name}`, join(folder, name), { recursive: true });
		const { stdout } = await runCli(["inspect"], { cwd: folder });
		expect(stdout).toMatchInlineSnapshot(`
			"model    versions  takes                      gives                                        weights
			control  1         x float32 [?,2]            y float32 [?,2] (1 of 3 signatures)          16 B
			digits   1, 2, 3   image float32 [?,28,28,1]  output_0 float32 [?,10] (1 of 2 signatures)  51.8 kB
			text     1         text string [?]            scores float32 [?,2]                         1.3 kB

			mlship inspect control/1 shows one, --all everything
			"
		`);
	});

	test("walks all models and versions of ./models with --all", async () => {
		for (const name of ["digits", "control"])
			cpSync(`${MODELS}/${name}`, join(folder, "models", name), {
				recursive: true,
			});
		const { code, stdout } = await runCli(["inspect", "--all"], {
			cwd: folder,
		});
		expect(code).toBe(0);
		expect(stdout.match(/^\S+ \d+$/gm)).toEqual([
			"control 1",
			"digits 1",
			"digits 2",
			"digits 3",
		]);
		expect(stdout).toContain("  models/digits/3 · TensorFlow 2.21.0");
	});

	test("finds a model of ./models by name and version", async () => {
		mkdirSync(join(folder, "models"));
		cpSync(`${MODELS}/digits`, join(folder, "models/digits"), {
			recursive: true,
		});
		const { stdout } = await runCli(["inspect", "digits@1"], { cwd: folder });
		expect(stdout).toMatch(/^digits 1\n {2}models\/digits\/1 /);
	});
});

describe("mlship inspect --example", () => {
	test("prints a body on the first line, then a line to type", async () => {
		const dir = `${MODELS}/tensorflow-serving/saved_model_half_plus_two_cpu`;
		expect(await inspect(dir, "--example")).toMatchInlineSnapshot(`
			"{"instances":[[0.5]]}

			curl -d '{"instances":[[0.5]]}' http://localhost:8501/v1/models/saved_model_half_plus_two_cpu:predict
			"
		`);
	});

	test("names the signature and the version that were asked for", async () => {
		const out = await inspect(
			`${MODELS}/digits@1`,
			"--example",
			"--signature",
			"serve",
		);
		const [body, , curl] = out.split("\n");
		const { signature_name, instances } = JSON.parse(body);
		expect(signature_name).toBe("serve");
		expect([instances[0].length, instances[0][0].length]).toEqual([28, 28]);
		expect(curl).toMatch(/^curl .*\/v1\/models\/digits\/versions\/1:predict$/);
	});
});

describe("mlship inspect --json", () => {
	test("prints one value with everything", async () => {
		const { models } = JSON.parse(
			await inspect(`${MODELS}/digits/1`, "--json"),
		);
		expect(models).toHaveLength(1);
		expect(models[0]).toMatchObject({
			name: "digits",
			version: 1,
			file: "saved_model.pb",
			checkpoint: { tensors: 9, shards: 1 },
			metaGraphs: [
				{
					tags: ["serve"],
					tensorflowVersion: "2.21.0",
					signatures: [
						{ key: "serve" },
						{
							key: "serving_default",
							methodName: "tensorflow/serving/predict",
							inputs: [
								{
									name: "image",
									kind: "dense",
									dtype: "float32",
									shape: [-1, 28, 28, 1],
									tensorNames: ["serving_default_image:0"],
								},
							],
						},
					],
				},
			],
		});
	});

	test("carries the example", async () => {
		const { models } = JSON.parse(
			await inspect(`${MODELS}/dtypes`, "--json", "--example"),
		);
		expect(models[0].example).toMatchObject({
			signature: "serving_default",
			format: "row",
			body: { instances: [[0.5, 0.5, 0.5]] },
			url: "http://localhost:8501/v1/models/dtypes:predict",
		});
	});

	test("keeps the digits of a version beyond 2^53", async () => {
		cpSync(`${MODELS}/digits/1`, join(folder, "m/20241121103045123"), {
			recursive: true,
		});
		const { models } = JSON.parse(await inspect(join(folder, "m"), "--json"));
		expect(models[0].version).toBe("20241121103045123");
	});
});

describe("mlship inspect of a broken model among others", () => {
	beforeEach(() => {
		for (const name of ["digits/1", "control/1"])
			cpSync(`${MODELS}/${name}`, join(folder, name), { recursive: true });
		truncateSync(join(folder, "control/1/saved_model.pb"), 1000);
	});

	test("shows the others, says what is wrong, and exits with its status", async () => {
		const all = await runCli(["inspect", "--all"], { cwd: folder });
		expect(all.code).toBe(4);
		expect(all.stdout).toMatch(
			/^control 1\n {2}control\/1\n\nerror: cannot read .*saved_model\.pb: /,
		);
		expect(all.stdout).toContain("digits 1\n");
		const overview = await runCli(["inspect"], { cwd: folder });
		expect(overview.code).toBe(4);
		expect(overview.stdout).toMatch(/^control +1 +error: CORRUPT$/m);
	});

	test("prints one JSON value all the same", async () => {
		const { code, stdout, stderr } = await runCli(["inspect", "--json"], {
			cwd: folder,
		});
		expect([code, stderr]).toEqual([4, ""]);
		const { models } = JSON.parse(stdout);
		expect(models[0].error.code).toBe("CORRUPT");
		expect(models[1].metaGraphs).toHaveLength(1);
	});

	test("fails when it is the only one", async () => {
		const { code, stdout, stderr } = await runCli(["inspect", "control"], {
			cwd: folder,
		});
		expect([code, stdout]).toEqual([4, ""]);
		expect(stderr).toMatch(/^error: cannot read .*saved_model\.pb: /);
	});
});

test.each([
	[["fixtures/modles/digits"], 3, "no such folder"],
	[
		["digts", "--models", MODELS],
		3,
		'cannot find model "digts": nearest are "digits"',
	],
	[
		[`${MODELS}/digits@9`],
		3,
		'cannot find version "9" of model "digits": it has 1, 2, 3',
	],
	[
		[`${MODELS}/digits`, "--signature", "srve"],
		3,
		'cannot find signature "srve": nearest are "serve", "serving_default"',
	],
	[
		["fixtures/saved/tag_sets", "--tag-set", "gpu"],
		3,
		'it has "train" and "serve" and "serve,gpu"',
	],
	[
		[
			"fixtures/saved/tag_sets",
			"--example",
			"--tag-set",
			"serve",
			"--signature",
			"odd",
		],
		5,
		'cannot use signature "odd"',
	],
	[
		["fixtures/README.md"],
		2,
		"it is a file, a folder with saved_model.pb was wanted",
	],
	[[`${MODELS}/digits`, "--layer"], 2, "--layers"],
	[[`${MODELS}/digits`, "--compat", "json"], 2, "text"],
])(
	"mlship inspect %j fails with status %d and says why",
	async (argv, code, reason) => {
		const run = await runCli(["inspect", ...argv]);
		expect([run.code, run.stdout]).toEqual([code, ""]);
		expect(run.stderr).toContain(reason);
	},
);

describe("mlship inspect --compat text", () => {
	test("takes the narrower forms of saved_model_cli show", async () => {
		const says: Record<string, string> = JSON.parse(
			readFileSync("fixtures/compat/narrower.json", "utf8"),
		);
		const dir = "fixtures/saved/tag_sets";
		const show = (...argv: string[]) =>
			inspect(dir, "--compat", "text", ...argv);
		expect(await show()).toBe(says.tag_sets);
		expect(await show("--list-ops")).toBe(
			`--list_ops must be paired with a tag-set or with --all.\n${says.tag_sets}`,
		);
		expect(await show("--tag-set", "serve")).toBe(says.keys);
		expect(await show("--tag-set", "serve", "--signature", "odd")).toBe(
			says.odd,
		);
		expect(await show("--tag-set", "serve", "--list-ops")).toMatch(
			/^The MetaGraph with tag set \['serve'\] contains the following ops: \{'Assign', 'Const', .*\}\nThe given SavedModel MetaGraphDef/,
		);
	});

	test("takes the latest version of a model folder", async () => {
		expect(await inspect(`${MODELS}/digits`, "--compat", "text", "--all")).toBe(
			await inspect(`${MODELS}/digits/3`, "--compat", "text", "--all"),
		);
	});
});

test("--targets says what each signature converts to, and what is in the way", async () => {
	const text = await runCli(["inspect", "fixtures/models/text", "--targets"]);
	expect(text.stdout).toMatch(
		/web +converts\n +lite +lacks .*StringLower.*text_vectorization_1/s,
	);
	const { stdout } = await runCli([
		...["inspect", "models/digits/2", "--targets", "--json"],
	]);
	const [{ targets }] = JSON.parse(stdout).models;
	expect(targets).toContainEqual({
		signature: "serving_default",
		targets: expect.arrayContaining([
			{ name: "web", converts: true, obstacles: [] },
			{ name: "onnx", converts: true, obstacles: [] },
		]),
	});
});
