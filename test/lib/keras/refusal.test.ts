import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync, zipSync } from "fflate";
import { afterAll, expect, test } from "vitest";
import { exportNetwork } from "../../../src/lib/keras/export.js";
import { openKerasFile } from "../../../src/lib/keras/open.js";

const folder = mkdtempSync(join(tmpdir(), "mlship-keras-refusal-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const KERAS = readFileSync("fixtures/keras/digits.keras");
const HDF5 = readFileSync("fixtures/keras/digits.h5");

test.each([
	["Lambda", /"flatten_1" \(Lambda\): it runs Python code/],
	["Spiral", /"flatten_1" \(Spiral\): it is no layer of Keras/],
])("a layer of class %s is named, and not executed", async (name, reason) => {
	const file = withConfig((text) => text.replace('"Flatten"', `"${name}"`));
	await expect(exported(file)).rejects.toMatchObject({
		code: "UNSUPPORTED",
		message: expect.stringMatching(reason),
		at: { layer: "flatten_1" },
	});
});

test("weights that do not fit are told as what was expected and what was found", async () => {
	const file = withConfig((text) => text.replace('"units": 10', '"units": 12'));
	await expect(exported(file)).rejects.toMatchObject({
		code: "INVALID",
		message: expect.stringMatching(
			/layer "digit" \(Dense\): expected kernel \[800,12\], found kernel \[800,10\], bias \[10\]/,
		),
	});
});

test("a model that is a class of its own is refused", async () => {
	const file = withConfig((text) =>
		text.replace('"class_name": "Sequential"', '"class_name": "MyModel"'),
	);
	await expect(exported(file)).rejects.toMatchObject({ code: "UNSUPPORTED" });
});

test.each([7, 700, 2000, 100_000, HDF5.length - 1])(
	"an HDF5 file that is cut after %i bytes is refused",
	async (length) => {
		const file = written("cut.h5", HDF5.subarray(0, length));
		await expect(exported(file)).rejects.toMatchObject({
			code: length < 8 ? "INVALID" : "CORRUPT",
		});
	},
);

test.each([100, 5000, KERAS.length - 30])(
	"a .keras file that is cut after %i bytes is refused",
	async (length) => {
		const file = written("cut.keras", KERAS.subarray(0, length));
		await expect(exported(file)).rejects.toMatchObject({ code: "CORRUPT" });
	},
);

test("a configuration that is nested beyond belief is refused", async () => {
	const deep = "[".repeat(100_000) + "]".repeat(100_000);
	const file = withConfig((text) =>
		text.replace('"compile_config"', `"x": ${deep}, "compile_config"`),
	);
	await expect(exported(file)).rejects.toMatchObject({ code: "CORRUPT" });
});

function withConfig(change: (text: string) => string): string {
	const entries = unzipSync(KERAS);
	const text = Buffer.from(entries["config.json"]).toString();
	const changed = change(text);
	expect(changed).not.toBe(text);
	return written(
		"changed.keras",
		zipSync({ ...entries, "config.json": Buffer.from(changed) }),
	);
}

function written(name: string, bytes: Uint8Array): string {
	const path = join(folder, name);
	writeFileSync(path, bytes);
	return path;
}

async function exported(path: string): Promise<unknown> {
	const file = await openKerasFile(path);
	try {
		return exportNetwork(file);
	} finally {
		file.close();
	}
}
