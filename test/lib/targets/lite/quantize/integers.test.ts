import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readSource } from "../../../../../src/lib/convert/source.js";
import { liteTarget } from "../../../../../src/lib/convert/targets/lite.js";
import { liteSignatures } from "../../../../../src/lib/lite/ports.js";
import { readLite } from "../../../../../src/lib/lite/read.js";
import {
	defaultScale,
	pictureLayout,
	readPicture,
} from "../../../../../src/lib/tensor/image.js";
import type { Tensor } from "../../../../../src/lib/tensor/tensor.js";
import { runCli } from "../../../../run-cli.js";

const DIGITS = "models/digits/2";
const PICTURES = "fixtures/mnist";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "mlship-lite-"));
});
afterEach(() => {
	rmSync(folder, { recursive: true });
});

async function converted(...args: string[]): Promise<string> {
	const out = join(folder, "digits.tflite");
	const { code, stderr } = await runCli([
		...["convert", DIGITS, "--target", "lite", "--out", out, "--no-verify"],
		...args,
	]);
	expect(code, stderr).toBe(0);
	return out;
}

async function classOf(path: string, digit: number): Promise<number> {
	const [program] = readSource(DIGITS, {}).programs;
	const [{ name, dtype, shape }] = program.inputs;
	const picture = await readPicture(
		readFileSync(join(PICTURES, `${digit}.png`)),
		pictureLayout(shape),
		dtype,
		defaultScale(dtype),
	);
	const opened = await liteTarget.open(path, program);
	const made = await opened.run({
		[name]: { ...picture, shape: [1, ...picture.shape] },
	});
	await opened.close();
	const [answer] = Object.values(made) as Tensor[];
	const scores = Array.from(answer.data as Float32Array);
	return scores.indexOf(Math.max(...scores));
}

// the pictures show the digits that they are called by
test.each([
	["float16", ["--quantize", "float16"]],
	["int8 weights", ["--quantize", "int8"]],
	["int8", ["--quantize", "int8", "--calibrate", PICTURES]],
	[
		"int8 with integers in and out",
		["--quantize", "int8", "--calibrate", PICTURES, "--integer-io"],
	],
])("digits are told apart in %s", async (_, args) => {
	const path = await converted(...args);
	for (let digit = 0; digit < 10; digit++)
		expect(await classOf(path, digit)).toBe(digit);
});

test("a calibrated file is less than half as large, computes with integers and has floats or integers in and out", async () => {
	const large = readFileSync(await converted()).length;
	const calibrated = ["--quantize", "int8", "--calibrate", PICTURES];
	const floats = readFileSync(await converted(...calibrated, "--force"));
	expect(floats.length).toBeLessThan(0.4 * large);
	const types = (bytes: Uint8Array) => {
		const [{ inputs, outputs }] = liteSignatures(readLite(bytes));
		return [...inputs, ...outputs].map(({ dtype }) => dtype);
	};
	expect(types(floats)).toEqual(["float32", "float32"]);
	const integers = readFileSync(
		await converted(...calibrated, "--integer-io", "--force"),
	);
	expect(types(integers)).toEqual(["int8", "int8"]);
});

test.each([
	[["--quantize", "int16"], "without calibration"],
	[["--calibrate", PICTURES], "--quantize int8 or int16"],
	[["--integer-io"], "nothing is computed with any"],
	[["--quantize", "int8", "--calibrate", "test"], "it has no pictures"],
	[["--fix-batch", "0"], "--fix-batch"],
])("%o is refused", async (args, reason) => {
	const { code, stderr } = await runCli([
		...["convert", DIGITS, "--target", "lite", "--no-verify"],
		...["--out", join(folder, "x.tflite"), ...args],
	]);
	expect(code).toBe(2);
	expect(stderr).toContain(reason);
});
