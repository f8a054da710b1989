import {
	cpSync,
	mkdtempSync,
	renameSync,
	rmSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isComplete } from "../../../src/lib/repository/ready.js";

let folder: string;
let version: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "mlship-"));
	version = join(folder, "2");
	cpSync("fixtures/models/digits/1", version, { recursive: true });
});
afterEach(() => {
	rmSync(folder, { recursive: true });
});

const SHARD = "variables/variables.data-00000-of-00001";

function reasonAfter(change: () => void): string {
	change();
	const result = isComplete(version);
	return result.complete ? "complete" : result.reason;
}

describe("isComplete()", () => {
	test.each([
		"fixtures/models/digits/3",
		"fixtures/models/dtypes/1",
		"fixtures/models/tensorflow/half_plus_two/00000123",
		"fixtures/models/tensorflow/half_plus_two_pbtxt/00000123",
		"fixtures/models/tensorflow-serving/matrix_half_plus_two/1",
		"fixtures/saved/assets",
		"fixtures/saved/assets_v1",
		"fixtures/saved/tag_sets",
	])("is content with %s", (dir) => {
		expect(isComplete(dir)).toEqual({ complete: true });
	});

	test("lets an exporter leave out all assets", () => {
		expect(
			isComplete(
				"fixtures/models/tensorflow-serving/saved_model_half_plus_two_cpu_with_saved_model_config/00000123",
			),
		).toEqual({ complete: true });
	});

	test("misses the graph, whole or in part", () => {
		expect(
			reasonAfter(() => truncateSync(join(version, "saved_model.pb"), 9000)),
		).toMatch(/saved_model\.pb: a field at \d+ needs \d+ bytes, \d+ remain$/);
		expect(
			reasonAfter(() => rmSync(join(version, "saved_model.pb"))),
		).toContain("no saved_model.pb: the copy may not be finished");
	});

	test("misses the index of variables that the graph wants", () => {
		expect(
			reasonAfter(() => rmSync(join(version, "variables/variables.index"))),
		).toContain("but no variables.index, the copy may not be finished");
		expect(
			reasonAfter(() =>
				rmSync(join(version, "variables"), { recursive: true }),
			),
		).toBe(
			"its signatures read variables, and there is no variables/variables.index",
		);
	});

	test("misses a shard, or the end of one", () => {
		expect(reasonAfter(() => truncateSync(join(version, SHARD), 100))).toMatch(
			/^variables\.data-00000-of-00001 has 100 bytes, its index wants \d+$/,
		);
		expect(reasonAfter(() => rmSync(join(version, SHARD)))).toBe(
			"variables.data-00000-of-00001 is not there",
		);
	});

	test("misses one asset of several files", () => {
		cpSync("fixtures/saved/assets", version, { recursive: true, force: true });
		const gone = join(version, "assets/vocabulary.txt");
		rmSync(join(version, SHARD));
		cpSync(join("fixtures/saved/assets", SHARD), join(version, SHARD));
		expect(reasonAfter(() => rmSync(gone))).toBe(
			"its asset vocabulary.txt is not there",
		);
	});

	test.each([".2", "2.tmp", "2~", "_2", "2.partial"])(
		"does not trust the name %s",
		(name) => {
			const renamed = join(folder, name);
			renameSync(version, renamed);
			expect(isComplete(renamed)).toEqual({
				complete: false,
				reason: "its name is a temporary one",
			});
		},
	);

	test("says that there is no folder", () => {
		expect(isComplete(join(folder, "3"))).toEqual({
			complete: false,
			reason: "there is no such folder",
		});
		writeFileSync(join(folder, "4"), "");
		expect(isComplete(join(folder, "4")).complete).toBe(false);
	});
});
