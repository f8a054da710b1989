import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCli } from "./run-cli.js";

/** What users of other converters complain of, by the issue; each holds here. */

const FIXTURES = join(process.cwd(), "fixtures");
const models = (name: string) => join(FIXTURES, "models", name);

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "mlship-complaints-"));
});
afterEach(() => {
	rmSync(folder, { recursive: true });
});

const convert = (...args: string[]) =>
	runCli(["convert", ...args], { cwd: folder });

test.each(["web", "lite", "onnx"])(
	"a file of Keras 3 converts to %s (tensorflow/tfjs#8494, tensorflow#63867, tensorflow-onnx#2319)",
	async (target) => {
		const file = join(FIXTURES, "keras/digits.keras");
		const { code, stderr } = await convert(file, "--target", target);
		expect(code, stderr).toBe(0);
	},
);

test("operations in the way are told with their node, their layer and a way out (tensorflow/tfjs#4838, #3226)", async () => {
	const { code, stdout } = await convert(
		...[models("estimator_like"), "--target", "lite", "--json"],
	);
	expect(code).toBe(5);
	const { error, obstacles } = JSON.parse(stdout);
	expect(error.code).toBe("UNSUPPORTED");
	for (const obstacle of obstacles)
		for (const key of ["op", "node", "layer", "reason", "way"])
			expect(obstacle[key]).toMatch(/./);
});

test("recurrent layers need no other operators than TensorFlow Lite's own, and no fixed batch (tensorflow#58668, #70502)", async () => {
	const { code, stdout, stderr } = await convert(
		...[models("rnn/1"), "--target", "lite", "--json"],
	);
	expect(code, stderr + stdout).toBe(0);
	const { operations, verification } = JSON.parse(stdout);
	expect(Object.keys(operations).join()).not.toMatch(/Flex|TensorList/);
	expect(verification.runs).toBe(2);
});

test("a converted model answers as its source, which is looked at each time (tensorflow/tfjs#8025, #776)", async () => {
	const { stdout } = await convert(
		...[models("mobile/1"), "--target", "web", "--json"],
	);
	const { outputs, isIndependent } = JSON.parse(stdout).verification;
	expect(isIndependent).toBe(true);
	for (const { isClose, relative } of outputs) {
		expect(isClose).toBe(true);
		expect(relative).toBeLessThan(1e-5);
	}
});

test("outputs of one type and shape keep their names (tensorflow/tfjs-converter degrades them to names of tensors)", async () => {
	const args = ["--signature", "compare", "--target", "web", "--out", "out"];
	const { code, stderr } = await convert(models("zoo_binary/1"), ...args);
	expect(code, stderr).toBe(0);
	const json = JSON.parse(readFileSync(join(folder, "out/model.json"), "utf8"));
	expect(Object.keys(json.signature.outputs).sort()).toEqual([
		"eq",
		"ge",
		"gt",
		"le",
		"lt",
		"ne",
	]);
});

test("a pattern that matches no weight is refused, with the nearest names (tensorflowjs_converter leaves weights as they are without a word)", async () => {
	const { code, stderr } = await convert(
		...[
			models("digits/1"),
			"--target",
			"web",
			"--quantize",
			"uint8=convolution*",
		],
	);
	expect(code).toBe(2);
	expect(stderr).toMatch(
		/no weight is called "convolution\*"; the nearest are/,
	);
	expect(readdirSync(folder)).toEqual([]);
});

test("paths with spaces and commas are paths (tensorflowjs_converter cuts them)", async () => {
	const out = "out, of date/my model.onnx";
	const { code, stderr } = await convert(
		...[models("digits/1"), "--target", "onnx", "--out", out],
	);
	expect(code, stderr).toBe(0);
	expect(readdirSync(join(folder, "out, of date"))).toEqual(["my model.onnx"]);
});

test("several signatures go to lite together, and to others one by one, which is said by name", async () => {
	const model = models("zoo_binary/1");
	const args = [model, "--all-signatures", "--dry-run", "--target"];
	expect((await convert(...args, "lite")).code).not.toBe(2);
	for (const target of ["web", "onnx"]) {
		const { code, stderr } = await convert(...args, target);
		expect(code).toBe(2);
		expect(stderr).toMatch(/cannot convert \d+ signatures .*compare/);
	}
	const one = await convert(
		...[join(FIXTURES, "frozen/graph.pb"), "--all-signatures"],
		...["--target", "onnx"],
	);
	expect(one.code, one.stderr).toBe(0);
});
