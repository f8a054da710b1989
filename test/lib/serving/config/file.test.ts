import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { fail } from "../../../../src/lib/errors.js";
import { ConfigFile } from "../../../../src/lib/serving/config/file.js";

const folder = mkdtempSync(join(tmpdir(), "mlship-"));
const path = join(folder, "models.config");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(...names: readonly string[]): void {
	const configs = names.map(
		(name) =>
			`config { name: "${name}" base_path: "/models/${name}" model_platform: "tensorflow" }`,
	);
	writeFileSync(path, `model_config_list { ${configs.join(" ")} }`);
}

/** A file, and what was done about it. */
function opened() {
	const applied: string[][] = [];
	const troubles: string[] = [];
	const refused = new Set<string>();
	const file = new ConfigFile({
		path,
		compat: "default",
		apply: async ({ models = [] }) => {
			const names = models.map(({ name }) => name);
			if (names.some((name) => refused.has(name)))
				throw fail("MISMATCH", "cannot apply it");
			applied.push(names);
		},
		trouble: (message) => troubles.push(message),
	});
	return { file, applied, troubles, refused };
}

describe("ConfigFile", () => {
	// testModelConfigReloadWithZeroPollPeriod of tensorflow_model_server_test.py
	test("is not looked at again with a pause of 0", () => {
		vi.useFakeTimers();
		const { file } = opened();
		file.start(0);
		expect(vi.getTimerCount()).toBe(0);
		file.start(1);
		expect(vi.getTimerCount()).toBe(1);
		file.close();
		vi.useRealTimers();
	});

	test("applies what changed, and nothing where nothing did", async () => {
		write("a");
		const { file, applied } = opened();
		expect(file.read().models?.map(({ name }) => name)).toEqual(["a"]);
		await file.look();
		expect(applied).toEqual([]);
		write("a", "b");
		await file.look();
		await file.look();
		expect(applied).toEqual([["a", "b"]]);
	});

	test("keeps what is served where the file cannot be read, and tells each reason once", async () => {
		write("a");
		const { file, applied, troubles } = opened();
		file.read();
		writeFileSync(path, "model_config_list {");
		await file.look();
		await file.look();
		rmSync(path);
		await file.look();
		await file.look();
		expect(applied).toEqual([]);
		expect(troubles).toEqual([
			expect.stringContaining(
				"Error parsing text-format tensorflow.serving.ModelServerConfig: 1:20: ",
			),
			expect.stringContaining("there is no such file"),
		]);
		write("b");
		await file.look();
		expect(applied).toEqual([["b"]]);
	});

	// as upstream, which applies the file at each look
	test("tries again what could not be applied", async () => {
		write("a");
		const { file, applied, troubles, refused } = opened();
		file.read();
		refused.add("b");
		write("b");
		await file.look();
		await file.look();
		refused.clear();
		await file.look();
		expect(applied).toEqual([["b"]]);
		expect(troubles).toEqual(["cannot apply it"]);
	});
});
