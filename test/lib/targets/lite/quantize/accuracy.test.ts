import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readSource } from "../../../../../src/lib/convert/source.js";
import { liteTarget } from "../../../../../src/lib/convert/targets/lite.js";
import { sliceAxes, wholeRange } from "../../../../../src/lib/tensor/axis.js";
import { writeNpy } from "../../../../../src/lib/tensor/npy.js";
import type { Tensor } from "../../../../../src/lib/tensor/tensor.js";
import { digitLabels, digitPictures } from "../../../../mnist.js";
import { runCli } from "../../../../run-cli.js";

const DIGITS = "fixtures/models/digits/2";

let folder: string;
let calibration: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "mlship-accuracy-"));
	calibration = join(folder, "calibration.npy");
	writeFileSync(calibration, writeNpy(digitPictures("calibration")));
});
afterAll(() => {
	rmSync(folder, { recursive: true });
});

/** TensorFlow's own part of right answers on these pictures. */
const { 2: exact } = (
	JSON.parse(
		readFileSync("fixtures/models/digits/accuracy.json", "utf8"),
	) as Record<string, Record<string, number>>
)["accuracy by version"];

test.each([
	["floats", [], 0.0005],
	["float16 weights", ["--quantize", "float16"], 0.005],
	["int8", ["--quantize", "int8", "--calibrate"], 0.005],
	[
		"int8 throughout",
		["--quantize", "int8", "--integer-io", "--calibrate"],
		0.005,
	],
])(
	"2,000 digits that nobody trained on are told apart in %s as TensorFlow does in floats, within half a point",
	async (_, options, points) => {
		const out = join(folder, "digits.tflite");
		const { code, stderr } = await runCli([
			...["convert", DIGITS, "--target", "lite", "--no-verify", "--force"],
			...["--out", out, ...options],
			...(options.includes("--calibrate") ? [calibration] : []),
		]);
		expect(code, stderr).toBe(0);
		expect(Math.abs((await accuracyOf(out)) - exact)).toBeLessThan(
			points + 1e-9,
		);
	},
);

const AT_ONCE = 100;

async function accuracyOf(path: string): Promise<number> {
	const [program] = readSource(DIGITS, {}).programs;
	const [{ name }] = program.inputs;
	const opened = await liteTarget.open(path, program);
	const pictures = digitPictures("held-out");
	const labels = digitLabels();
	let right = 0;
	for (let start = 0; start < labels.length; start += AT_ONCE) {
		const made = await opened.run({
			[name]: sliceAxes(pictures, [
				{ start, count: AT_ONCE, step: 1 },
				...pictures.shape.slice(1).map(wholeRange),
			]),
		});
		for (const [row, digit] of classes(Object.values(made)[0]).entries())
			if (digit === labels[start + row]) right++;
	}
	await opened.close();
	return right / labels.length;
}

function classes({ shape: [rows, width], data }: Tensor): number[] {
	const scores = data as Float32Array;
	return Array.from({ length: rows }, (_, row) => {
		const own = scores.subarray(row * width, (row + 1) * width);
		return own.indexOf(Math.max(...own));
	});
}
