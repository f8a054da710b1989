import {
	copyFileSync,
	existsSync,
	mkdtempSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeNpy } from "../src/lib/tensor/npy.js";
import { writeNpz } from "../src/lib/tensor/npz.js";
import { tensorFromNumbers } from "../src/lib/tensor/numbers.js";
import type { Tensor } from "../src/lib/tensor/tensor.js";
import { digitPictures } from "./mnist.js";
import { runCli } from "./run-cli.js";

const FIXTURES = join(process.cwd(), "fixtures");
const DIGITS = join(FIXTURES, "models/digits/2");

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "mlship-calibrate-"));
});
afterEach(() => {
	rmSync(folder, { recursive: true });
});

const convert = (model: string, ...args: string[]) =>
	runCli([
		...["convert", model, "--target", "lite", "--json", ...args],
		...["--out", join(folder, "made.tflite")],
	]);

const calibrated = (model: string, file: string, ...args: string[]) =>
	convert(
		model,
		...["--quantize", "int8", "--calibrate", join(folder, file), ...args],
	);

/** Ten pictures out of those that calibrate. */
function some(): Tensor {
	const { data, shape } = digitPictures("calibration");
	return {
		dtype: "float32",
		shape: [10, ...shape.slice(1)],
		data: (data as Float32Array).slice(0, 7840),
	};
}

/** Rows of a picture: lists in lists, as a request has them. */
function nested({ data, shape }: Tensor): unknown[] {
	const side = shape[1];
	return Array.from({ length: shape[0] }, (_, picture) =>
		Array.from({ length: side }, (_, row) =>
			Array.from({ length: side }, (_, column) => [
				(data as Float32Array)[(picture * side + row) * side + column],
			]),
		),
	);
}

const FILES: Readonly<Record<string, () => void>> = {
	"rows.npy": () => writeFileSync(join(folder, "rows.npy"), writeNpy(some())),
	"rows.npz": () =>
		writeFileSync(join(folder, "rows.npz"), writeNpz({ image: some() })),
	"requests.jsonl": () =>
		writeFileSync(
			join(folder, "requests.jsonl"),
			nested(some())
				.map((row) => JSON.stringify({ instances: [row] }))
				.join("\n\n"),
		),
	".": () => {
		for (const digit of [1, 4, 7])
			copyFileSync(
				join(FIXTURES, `mnist/${digit}.png`),
				join(folder, `${digit}.png`),
			);
	},
};

test.each(Object.keys(FILES))(
	"%s calibrates, and answers are compared on what it has",
	async (file) => {
		FILES[file]();
		const { code, stdout, stderr } = await calibrated(DIGITS, file);
		expect(code, stderr).toBe(0);
		const { verification, layers } = JSON.parse(stdout);
		expect(verification.data).toContain(file === "." ? folder : file);
		// a step of softmax is 1/256; one of the network's last sums moves it by a few
		expect(verification.outputs[0].relative).toBeLessThan(0.05);
		expect(layers.length).toBeGreaterThan(2);
	},
);

test("the report tells each layer's bytes and error, and which operators stay floats and why", async () => {
	const x = tensorFromNumbers(
		"float32",
		[2, 16, 24, 3],
		Array.from({ length: 2 * 16 * 24 * 3 }, (_, i) => Math.sin(i)),
	);
	writeFileSync(join(folder, "x.npy"), writeNpy(x));
	const unet = join(FIXTURES, "models/unet/1");
	const { code, stdout, stderr } = await calibrated(unet, "x.npy");
	expect(code, stderr).toBe(0);
	const { layers } = JSON.parse(stdout) as {
		layers: {
			layer: string;
			weights: number;
			before: number;
			after: number;
			weightError: number;
			error?: number;
			floats: { op: string; reason: string }[];
		}[];
	};
	// four convolutions and a transposed one have weights: of 3·3·3·6, … floats, each of 4 bytes, of int8 a quarter
	const weighty = layers.filter(({ weights }) => weights > 0);
	expect(weighty.map(({ layer }) => layer)).toEqual([
		"conv2d_1",
		"conv2d_1_2",
		"conv2d_2_1",
		"conv2d_transpose_1",
		"conv2d_3_1",
	]);
	expect(weighty[0]).toMatchObject({ before: 3 * 3 * 3 * 6 * 4 });
	for (const { before, after, weightError } of weighty) {
		expect(after).toBe(before / 4);
		// half a step of 127 in the largest number, a little more in float32
		expect(weightError).toBeLessThan(0.5 / 127 + 1e-6);
		expect(weightError).toBeGreaterThan(0);
	}
	const [prelu] = layers.filter(({ floats }) => floats.length > 0);
	expect(prelu).toMatchObject({
		layer: "p_re_lu_1",
		floats: [{ op: "NEG", reason: "it has no kernel for int8" }],
	});
	for (const { error } of layers) expect(error ?? 0).toBeLessThan(0.1);
	expect(
		layers.filter(({ error }) => error !== undefined).length,
	).toBeGreaterThan(8);
});

test("weights alone are told by layer too", async () => {
	const { stdout } = await convert(DIGITS, "--quantize", "float16");
	const { layers } = JSON.parse(stdout) as {
		layers: { layer: string; before: number; after: number }[];
	};
	expect(layers.map(({ layer }) => layer)).toContain("digit_1");
	for (const { before, after } of layers) expect(after).toBeLessThan(before);
});

test("what was measured is a table on the screen", async () => {
	FILES["rows.npy"]();
	const { stdout } = await runCli([
		...["convert", DIGITS, "--target", "lite", "--quantize", "int8"],
		...["--calibrate", join(folder, "rows.npy")],
		...["--out", join(folder, "made.tflite")],
	]);
	expect(stdout).toMatch(/layer +weights +weights off by +off by +in floats/);
	expect(stdout).toMatch(/digit_1 +32\.0 kB → 8\.0 kB +0\.00/);
});

const image = (...shape: number[]) =>
	tensorFromNumbers(
		"float32",
		shape,
		new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(0.5),
	);

test.each<[file: string, bytes: () => Uint8Array | string, reason: string]>([
	["rows.npy", () => writeNpy(image(4, 27, 28, 1)), "[?,28,28,1] is wanted"],
	["rows.npy", () => writeNpy(image(0, 28, 28, 1)), "it has no rows"],
	["rows.npy", () => "no numbers", "rows.npy"],
	["empty.jsonl", () => "\n\n", "it has no requests"],
	["two.jsonl", () => '\n{"instances":[[1,2]]}', "two.jsonl: line 2: input"],
	["half.jsonl", () => '{"instances":', "half.jsonl: line 1"],
	[
		"nan.npy",
		() =>
			writeNpy(
				tensorFromNumbers(
					"float32",
					[1, 28, 28, 1],
					new Array<number>(784).fill(Number.NaN),
				),
			),
		"elements that are no numbers",
	],
])("%s with something else is refused: %#", async (file, bytes, reason) => {
	writeFileSync(join(folder, file), bytes());
	const { code, stderr, stdout } = await calibrated(DIGITS, file);
	expect([2, 4]).toContain(code);
	expect(stderr + stdout).toContain(file);
	expect((stderr + stdout).replaceAll('\\"', '"')).toContain(reason);
	expect(existsSync(join(folder, "made.tflite"))).toBe(false);
});
