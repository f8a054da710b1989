import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeNpy } from "../../src/lib/tensor/npy.js";
import { readNpz, writeNpz } from "../../src/lib/tensor/npz.js";
import { tensor } from "../../src/lib/tensor/tensor.js";
import { type CliOptions, type CliRun, runCli } from "../run-cli.js";

/** x [?,3,3] to y, half of it plus two. */
const MATRIX = "fixtures/models/tensorflow-serving/matrix_half_plus_two";
const DIGITS = "fixtures/models/digits";
const PICTURES = Array.from(
	{ length: 10 },
	(_, i) => `fixtures/mnist/${i}.png`,
);
const ROWS = "[[1,2,3],[4,5,6],[7,8,9]]";
const ANSWER = [
	[2.5, 3, 3.5],
	[4, 4.5, 5],
	[5.5, 6, 6.5],
];

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "mlship-"));
});
afterEach(() => {
	rmSync(folder, { recursive: true });
});

function predict(
	argv: readonly string[],
	options?: CliOptions,
): Promise<CliRun> {
	return runCli(["predict", ...argv], options);
}

async function answer(...argv: string[]): Promise<string> {
	const { code, stdout, stderr } = await predict(argv);
	expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
	return stdout;
}

async function outputs(...argv: string[]): Promise<Record<string, unknown>> {
	return JSON.parse(await answer(...argv, "--json")).outputs;
}

function file(name: string, content: string | Uint8Array): string {
	const path = join(folder, name);
	writeFileSync(path, content);
	return path;
}

describe("mlship predict --image", () => {
	test.each(["1", "2"])(
		"recognises ten digits, version %s",
		async (version) => {
			const stdout = await answer(
				`${DIGITS}/${version}`,
				"--image",
				...PICTURES,
			);
			const lines = stdout.trimEnd().split("\n");
			expect(lines[0]).toBe("output_0  float32 [10,10]");
			expect(
				lines.slice(1).map((line) => line.trim().split(/ +/).slice(0, 2)),
			).toEqual(PICTURES.map((_, i) => [`${i}.png`, String(i)]));
		},
	);

	test("prints the batch first as JSON, also for one picture", async () => {
		const { output_0 } = await outputs(`${DIGITS}/2`, "--image", PICTURES[7]);
		const [scores, ...more] = output_0 as number[][];
		expect(more).toEqual([]);
		expect(scores.indexOf(Math.max(...scores))).toBe(7);
	});

	test("gives the same in batches", async () => {
		const whole = await outputs(`${DIGITS}/2`, "--image", ...PICTURES);
		const parts = await outputs(
			`${DIGITS}/2`,
			"--batch-size",
			"3",
			"--image",
			...PICTURES,
		);
		expect((parts.output_0 as number[][]).length).toBe(10);
		for (const [row, scores] of (whole.output_0 as number[][]).entries())
			for (const [i, score] of scores.entries())
				expect((parts.output_0 as number[][])[row][i]).toBeCloseTo(score, 5);
	});

	test("names classes by --labels, and by the version's own file", async () => {
		const names = "zero one two three four five six seven eight nine";
		const labels = file("labels.txt", names.replaceAll(" ", "\r\n"));
		const image = ["--image", PICTURES[4], "--top", "1"];
		expect(await answer(`${DIGITS}/2`, ...image, "--labels", labels)).toMatch(
			/^ {2}4\.png {2}four {2}[\d.]+%$/m,
		);
		const version = join(folder, "2");
		cpSync(`${DIGITS}/2`, version, { recursive: true });
		mkdirSync(join(version, "assets.extra"));
		writeFileSync(
			join(version, "assets.extra", "labels.txt"),
			names.replaceAll(" ", "\n"),
		);
		expect(await answer(version, ...image)).toMatch(/ four /);
	});

	test("refuses labels that are not as many as classes", async () => {
		const labels = file("labels.txt", "a\nb\nc\n");
		expect(
			await predict([
				`${DIGITS}/2`,
				"--image",
				PICTURES[4],
				"--labels",
				labels,
			]),
		).toMatchObject({
			code: 2,
			stderr: expect.stringContaining(
				`cannot name the classes of output "output_0": it has 10, ${labels} has 3 lines`,
			),
		});
	});

	test("scales pixels as --scale says", async () => {
		const usual = await answer(`${DIGITS}/1`, "--image", PICTURES[3], "--json");
		const same = ["--scale", "0..1"];
		expect(
			await answer(`${DIGITS}/1`, "--image", PICTURES[3], "--json", ...same),
		).toBe(usual);
		const other = ["--scale", "-1..1"];
		expect(
			await answer(`${DIGITS}/1`, "--image", PICTURES[3], "--json", ...other),
		).not.toBe(usual);
		expect(
			await predict([DIGITS, "--image", PICTURES[3], "--scale", "1"]),
		).toMatchObject({
			code: 2,
			stderr:
				'error: cannot scale pixels to "1": two numbers are wanted, as 0..1, -1..1 or 0..255\n',
		});
	});

	test("says which picture cannot be read", async () => {
		const broken = file(
			"broken.png",
			readFileSync(PICTURES[0]).subarray(0, 60),
		);
		const { code, stderr } = await predict([
			DIGITS,
			"--image",
			PICTURES[1],
			broken,
		]);
		expect(code).toBe(2);
		expect(stderr).toContain(`error: ${broken}: cannot decode the picture`);
		const missing = await predict([DIGITS, "--image", join(folder, "no.png")]);
		expect(missing).toMatchObject({
			code: 3,
			stderr: expect.stringContaining("no such file"),
		});
	});

	test("refuses an input that holds no pictures", async () => {
		const model = "fixtures/models/tfjs-node/int64_multiply";
		expect(await predict([model, "--image", PICTURES[0]])).toMatchObject({
			code: 2,
			stderr: expect.stringContaining(
				"takes no pictures: cannot put a picture",
			),
		});
	});
});

describe("mlship predict --input", () => {
	test("takes JSON on the command line", async () => {
		expect(await outputs(MATRIX, "--input", `x=[${ROWS}]`)).toEqual({
			y: [ANSWER],
		});
		expect(await answer(MATRIX, "--input", `x=[${ROWS}]`)).toBe(
			"y  float32 [1,3,3]\n  [[[2.5, 3, 3.5],\n    [4, 4.5, 5],\n    [5.5, 6, 6.5]]]\n",
		);
	});

	const values = tensor(
		"float64",
		[2, 3, 3],
		Float64Array.from({ length: 18 }, (_, i) => i),
	);
	const halves = Array.from({ length: 2 }, (_, batch) =>
		Array.from({ length: 3 }, (_, row) =>
			Array.from({ length: 3 }, (_, i) => (9 * batch + 3 * row + i) / 2 + 2),
		),
	);

	test.each<[string, string | Uint8Array, string]>([
		["x.npy", writeNpy(values), ""],
		["x.npz", writeNpz({ only: values }), ""],
		["x.npz", writeNpz({ x: values, other: values }), ""],
		["x.npz", writeNpz({ a: values, b: values }), "[b]"],
		["x.json", `\n[${ROWS},${ROWS}]\n`, ""],
	])(
		"takes %s, converted to the input's type",
		async (name, content, variable) => {
			const path = file(name, content);
			const { y } = await outputs(MATRIX, "--input", `x=${path}${variable}`);
			expect(y).toEqual(name === "x.json" ? [ANSWER, ANSWER] : halves);
		},
	);

	test("runs in batches of rows", async () => {
		const path = file("x.npy", writeNpy(values));
		const argv = ["--input", `x=${path}`, "--batch-size", "1"];
		expect(await outputs(MATRIX, ...argv)).toEqual({ y: halves });
	});

	test.each([
		["x", 2, "cannot read --input x: NAME=FILE or NAME=JSON is wanted"],
		["z=[1]", 2, 'cannot find input "z": signature "serving_default" has "x"'],
		[
			"x=no.npy",
			3,
			'cannot open no.npy for input "x": no such file, and it is no JSON value',
		],
		[
			"x=[[1]]",
			2,
			'cannot run signature "serving_default": input "x" has shape [1,1], [?,3,3] is wanted',
		],
		[
			"x=[[1],[2,3]]",
			2,
			'Encountered list at unexpected size: 2 at level: 1 expected size: 1; at row 1, column 1: signature "serving_default" wants input "x" as float32 of shape [?,3,3]',
		],
		[
			"x=[1",
			2,
			"JSON Parse error: Missing a comma or ']' after an array element. at offset: 2",
		],
		[
			"x=1 2",
			2,
			'cannot read input "x": after its JSON value more follows at offset 2',
		],
	])("refuses %s", async (input, code, message) => {
		expect(await predict([MATRIX, "--input", input])).toEqual({
			code,
			stdout: "",
			stderr: `error: ${message}\n`,
		});
	});

	test("refuses a broken npy, and an archive without the array", async () => {
		const cut = file("cut.npy", writeNpy(values).subarray(0, 150));
		expect(await predict([MATRIX, "--input", `x=${cut}`])).toMatchObject({
			code: 4,
			stderr: expect.stringContaining(`cannot use ${cut} for input "x": `),
		});
		const archive = file("a.npz", writeNpz({ a: values, b: values }));
		expect(await predict([MATRIX, "--input", `x=${archive}`])).toMatchObject({
			code: 2,
			stderr: `error: cannot use ${archive} for input "x": cannot find array "x": the archive has "a", "b"\n`,
		});
	});

	test("lists what is wanted when nothing is given", async () => {
		const { code, stderr } = await predict([MATRIX]);
		expect(code).toBe(2);
		expect(stderr).toBe(
			'error: cannot run signature "serving_default" without inputs: it takes "x" (float32 [?,3,3])\nhint: give --input NAME=VALUE, --image FILE or --request FILE; mlship inspect --example shows a request\n',
		);
	});
});

describe("mlship predict --request", () => {
	const body = `{"instances": [${ROWS}]}`;
	const text =
		'{\n    "predictions": [[[2.5, 3.0, 3.5], [4.0, 4.5, 5.0], [5.5, 6.0, 6.5]]\n    ]\n}';

	test("prints what the server would send", async () => {
		expect(await answer(MATRIX, "--request", file("body.json", body))).toBe(
			text,
		);
		const columnar = file("columnar.json", `{"inputs": {"x": [${ROWS}]}}`);
		expect(JSON.parse(await answer(MATRIX, "--request", columnar))).toEqual({
			outputs: [ANSWER],
		});
	});

	test("reads stdin, and ends the line on a terminal", async () => {
		expect(
			await predict([MATRIX, "--request", "-"], { stdin: body }),
		).toMatchObject({ code: 0, stdout: text });
		expect(
			await predict([MATRIX, "--request", "-"], { stdin: body, isTTY: true }),
		).toMatchObject({ code: 0, stdout: `${text}\n` });
	});

	test("runs in batches", async () => {
		const three = `{"instances": [${ROWS},${ROWS},${ROWS}]}`;
		const { stdout } = await predict(
			[MATRIX, "--request", "-", "--batch-size", "2"],
			{ stdin: three },
		);
		expect(JSON.parse(stdout).predictions).toEqual([ANSWER, ANSWER, ANSWER]);
	});

	test("fails as JSON where JSON is asked for", async () => {
		const { code, stdout, stderr } = await predict(
			[MATRIX, "--request", "-", "--json"],
			{ stdin: '{"instances": [[["a"]]]}' },
		);
		expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
		expect(JSON.parse(stdout).error).toMatchObject({
			code: "INVALID",
			message: expect.stringMatching(
				/^Failed to process element: 0 of 'instances' list\. Error: INVALID_ARGUMENT: JSON Value: "a" Type: String is not of expected type: float; at row 0, column \[0,0\]/,
			),
			at: { input: "x", row: 0, column: "0,0" },
		});
	});

	test("goes with neither --input nor --image", async () => {
		expect(
			await predict([MATRIX, "--request", "-", "--input", "x=1"], {
				stdin: body,
			}),
		).toMatchObject({ code: 2, stderr: expect.stringContaining("--request") });
	});
});

describe("mlship predict --out", () => {
	test("writes an npz or a JSON file", async () => {
		const npz = join(folder, "out.npz");
		const run = await predict([MATRIX, "--input", `x=[${ROWS}]`, "--out", npz]);
		expect(run).toEqual({
			code: 0,
			stdout: "",
			stderr: `wrote ${npz}: y float32 [1,3,3]\n`,
		});
		expect(readNpz(readFileSync(npz)).y).toEqual(
			tensor("float32", [1, 3, 3], Float32Array.from(ANSWER.flat())),
		);
		const json = join(folder, "out.json");
		await predict([MATRIX, "--input", `x=[${ROWS}]`, "--out", json]);
		expect(JSON.parse(readFileSync(json, "utf8"))).toEqual({
			outputs: { y: [ANSWER] },
		});
		expect(readdirSync(folder).sort()).toEqual(["out.json", "out.npz"]);
	});

	test("refuses another name before anything runs", async () => {
		const out = join(folder, "out.csv");
		expect(await predict([MATRIX, "--out", out])).toMatchObject({
			code: 2,
			stderr: `error: cannot write ${out}: a name that ends in .npz or .json is wanted\n`,
		});
		expect(existsSync(out)).toBe(false);
	});
});

describe("mlship predict chooses a model", () => {
	const input = ["--input", `x=[${ROWS}]`];

	test("by name and version in ./models", async () => {
		mkdirSync(join(folder, "models"));
		cpSync(MATRIX, join(folder, "models", "half"), { recursive: true });
		const options = { cwd: folder };
		expect((await predict(["half@1", ...input], options)).code).toBe(0);
		expect((await predict(input, options)).code).toBe(0);
		expect(await predict(["halve", ...input], options)).toMatchObject({
			code: 3,
			stderr: expect.stringContaining(
				'cannot find model "halve": nearest are "half"',
			),
		});
		expect(await predict(["half@3", ...input], options)).toMatchObject({
			code: 3,
			stderr: expect.stringContaining('version "3"'),
		});
	});

	test("and the latest version that is complete", async () => {
		cpSync(MATRIX, join(folder, "half"), { recursive: true });
		mkdirSync(join(folder, "half", "2"));
		const { code, stderr } = await predict([join(folder, "half"), ...input]);
		expect({ code, stderr }).toEqual({
			code: 0,
			stderr: "note: version 2 is not complete, version 1 is taken\n",
		});
	});

	test("but not several", async () => {
		const { code, stderr } = await predict([
			"fixtures/models/tfjs-node",
			...input,
		]);
		expect(code).toBe(2);
		expect(stderr).toMatch(/cannot run \d+ models: /);
	});

	test.each([
		[["--signature", "servin_default"], 3, '"serving_default"'],
		[["--tag-set", "train"], 3, "train"],
		[["--engine", "onx"], 2, '"onnx"'],
		[["--batch-size", "0"], 2, "a number from 1 on is wanted"],
		[["--top", "few"], 2, "a number from 1 on is wanted"],
	])("and refuses %j", async (argv, code, words) => {
		expect(await predict([MATRIX, ...input, ...argv])).toMatchObject({
			code,
			stderr: expect.stringContaining(words),
		});
	});
});

test("mlship predict shows progress on a terminal's stderr only", async () => {
	const argv = [`${DIGITS}/2`, "--batch-size", "4", "--image", ...PICTURES];
	const { stdout, stderr } = await predict(argv, { isTTY: true });
	expect(stderr).toContain("8 of 10");
	expect(stdout).not.toContain(" of 10");
	expect((await predict(argv, { isTTY: true, env: { CI: "1" } })).stderr).toBe(
		"",
	);
	expect((await predict([...argv, "--quiet"], { isTTY: true })).stderr).toBe(
		"",
	);
});
