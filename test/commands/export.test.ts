import {
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadModel } from "../../src/lib/serving/load.js";
import { predict } from "../../src/lib/serving/predict.js";
import { readCases } from "../cases.js";
import { expectClose } from "../close.js";
import { runCli } from "../run-cli.js";

const cwd = mkdtempSync(join(tmpdir(), "mlship-export-"));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const FILES = join(process.cwd(), "fixtures/keras");

test.each([
	["keras", ""],
	["h5", ""],
	["keras", "--variables"],
])(
	"digits.%s becomes a version that answers as TensorFlow did %s",
	async (form, option) => {
		const out = join(cwd, form + option);
		const options = option === "" ? [] : [option];
		const { code, stderr } = await runCli(
			["export", join(FILES, `digits.${form}`), "--out", out, ...options],
			{ cwd },
		);
		expect(stderr).toBe("");
		expect(code).toBe(0);
		expect(readdirSync(out)).toEqual(["1"]);
		// a session takes its inputs away
		const [question] = readCases("fixtures/models/digits/cases-2.json");
		const version = await loadModel(join(out, "1"));
		try {
			const answer = await predict(version, "serving_default", question.inputs);
			expect(Object.keys(answer)).toEqual(["output_0"]);
			expectClose(answer.output_0, question.outputs.output_0);
		} finally {
			await version.close();
		}
	},
);

test("with --variables weights are a checkpoint, and none is in the graph", async () => {
	const out = join(cwd, "checkpoint");
	const file = join(FILES, "digits.keras");
	await runCli(["export", file, "--out", out, "--variables"], { cwd });
	expect(readdirSync(join(out, "1", "variables")).sort()).toEqual([
		"variables.data-00000-of-00001",
		"variables.index",
	]);
	const data = join(out, "1/variables/variables.data-00000-of-00001");
	// 12,938 numbers of four bytes, as Keras counts them
	expect(statSync(data).size).toBe(12_938 * 4);
	expect(statSync(join(out, "1/saved_model.pb")).size).toBeLessThan(20_000);
});

test("the next free version is taken, a version that exists is kept unless --force is given", async () => {
	const file = join(FILES, "digits.keras");
	const out = join(cwd, "models", "digits");
	expect((await runCli(["export", file], { cwd })).code).toBe(0);
	expect((await runCli(["export", file], { cwd })).code).toBe(0);
	expect(readdirSync(out)).toEqual(["1", "2"]);
	const again = await runCli(["export", file, "--out", join(out, "2")], {
		cwd,
	});
	expect(again.code).toBe(2);
	expect(again.stderr).toContain("it exists");
	const forced = ["export", file, "--out", join(out, "2"), "--force"];
	expect((await runCli(forced, { cwd })).code).toBe(0);
	expect(readdirSync(out)).toEqual(["1", "2"]);
});

test("with --preprocess image and --labels a picture is posted as it is, and its class comes back by name", async () => {
	const out = join(cwd, "pictures");
	const labels = join(cwd, "labels.txt");
	writeFileSync(
		labels,
		"zero\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n",
	);
	const options = ["--preprocess", "image", "--labels", labels, "--out", out];
	await runCli(["export", join(FILES, "digits.h5"), ...options], { cwd });
	const instances = [7, 3].map((digit) => ({
		b64: readFileSync(`fixtures/mnist/${digit}.png`, "base64"),
	}));
	const { stdout } = await runCli(["predict", out, "--request", "-"], {
		cwd,
		stdin: JSON.stringify({ instances }),
	});
	const { predictions } = JSON.parse(stdout) as {
		predictions: { classes: string }[];
	};
	expect(predictions.map(({ classes }) => classes)).toEqual(["seven", "three"]);
});

test("a layers model of TensorFlow.js answers as Keras did", async () => {
	const out = join(cwd, "layers-model");
	const file = join(FILES, "tfjs/model.json");
	expect((await runCli(["export", file, "--out", out], { cwd })).code).toBe(0);
	const ones = JSON.stringify([Array(6).fill([1, 1, 1])]);
	const { stdout } = await runCli(["predict", out, "--request", "-"], {
		cwd,
		stdin: `{"instances": ${ones}}`,
	});
	const { predictions } = JSON.parse(stdout) as { predictions: number[][] };
	// a bidirectional LSTM, batch normalization and a dense layer of tf_keras 2.19, on ones
	expect(predictions[0][0]).toBeCloseTo(0.14132969, 5);
	expect(predictions[0][1]).toBeCloseTo(-0.12941395, 5);
});

test("a file that is none of Keras's leaves nothing behind", async () => {
	const { code, stderr } = await runCli(
		["export", "package.json", "--out", join(cwd, "none")],
		{ cwd: process.cwd() },
	);
	expect(code).toBe(2);
	expect(stderr).toContain("it is no .keras file, no HDF5 file");
	expect(existsSync(join(cwd, "none"))).toBe(false);
});

test.each(["reference", "resource"])(
	"a checkpoint of TensorFlow 1 with %s variables answers as its session did",
	async (kind) => {
		const out = join(cwd, kind);
		const file = `fixtures/checkpoints/${kind}.ckpt.meta`;
		const { x, scores } = JSON.parse(
			readFileSync(`fixtures/checkpoints/${kind}.json`, "utf8"),
		) as { x: number[][]; scores: number[][] };
		const args = ["export", join(process.cwd(), file), "--outputs", "scores"];
		const made = await runCli([...args, "--out", out], { cwd });
		expect(made.stderr).toBe("");
		const { stdout } = await runCli(["predict", out, "--request", "-"], {
			cwd,
			stdin: JSON.stringify({ instances: x }),
		});
		const { predictions } = JSON.parse(stdout) as { predictions: number[][] };
		for (const [i, row] of scores.entries())
			for (const [j, value] of row.entries())
				expect(predictions[i][j]).toBeCloseTo(value, 5);
	},
);

test("a checkpoint without a signature wants to know what it gives", async () => {
	const file = join(process.cwd(), "fixtures/checkpoints/resource.ckpt.meta");
	const { code, stderr } = await runCli(["export", file], { cwd });
	expect(code).toBe(2);
	expect(stderr).toContain("--outputs NODE");
	expect(existsSync(join(cwd, "models", "resource"))).toBe(false);
});

test("a frozen graph takes and gives what its nodes are called", async () => {
	const out = join(cwd, "frozen");
	const file = join(process.cwd(), "fixtures/frozen/graph.pb");
	const { image, conv } = JSON.parse(
		readFileSync("fixtures/frozen/cases.json", "utf8"),
	) as { image: unknown; conv: number[][][][] };
	const args = ["export", file, "--inputs", "image", "--outputs", "conv"];
	expect((await runCli([...args, "--out", out], { cwd })).code).toBe(0);
	const { stdout } = await runCli(["predict", out, "--request", "-"], {
		cwd,
		stdin: JSON.stringify({ inputs: image }),
	});
	const { outputs } = JSON.parse(stdout) as { outputs: number[][][][] };
	expect(outputs[1][2][3][0]).toBeCloseTo(conv[1][2][3][0], 4);
	const options = ["--batch", "2", "--out", join(cwd, "other")];
	const refused = await runCli(["export", file, ...options], { cwd });
	expect(refused.code).toBe(2);
	expect(refused.stderr).toContain("--batch");
});
