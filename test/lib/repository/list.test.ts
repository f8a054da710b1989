import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
	findModel,
	findModels,
	latestVersion,
	parseVersion,
	withVersion,
} from "../../../src/lib/repository/list.js";
import { parseReference } from "../../../src/lib/repository/reference.js";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "mlship-"));
});
afterEach(() => {
	rmSync(folder, { recursive: true });
});

/** Makes folders, each with a `saved_model.pb` unless its path ends in a slash. */
function make(...paths: string[]): void {
	for (const path of paths) {
		mkdirSync(join(folder, path), { recursive: true });
		if (!path.endsWith("/"))
			writeFileSync(join(folder, path, "saved_model.pb"), "");
	}
}

const shown = (path = ""): string[] =>
	findModels(join(folder, path)).map(
		({ name, versions }) =>
			`${name} ${versions.map(({ version }) => version).join(",")}`,
	);

describe("findModels()", () => {
	test("takes a bare SavedModel as its only version", () => {
		make("flowers");
		const dir = join(folder, "flowers");
		expect(findModels(dir)).toEqual([
			{ name: "flowers", dir, versions: [{ version: 1n, dir }] },
		]);
	});

	test("names a version folder after the model around it", () => {
		make("flowers/0012");
		expect(findModels(join(folder, "flowers/0012"))).toEqual([
			{
				name: "flowers",
				dir: join(folder, "flowers"),
				only: true,
				versions: [{ version: 12n, dir: join(folder, "flowers/0012") }],
			},
		]);
	});

	test("lists versions by number, whatever their length, and nothing else", () => {
		make("m/10", "m/9", "m/00000123", "m/1533527330", "m/20241121103045123");
		make("m/.11", "m/12.tmp", "m/v13", "m/-1", "m/9223372036854775808");
		writeFileSync(join(folder, "m/14"), "a file");
		expect(shown("m")).toEqual(["m 9,10,123,1533527330,20241121103045123"]);
	});

	test("takes the shorter of two names for one version", () => {
		make("m/007", "m/7");
		expect(findModels(join(folder, "m"))[0].versions).toEqual([
			{ version: 7n, dir: join(folder, "m/7") },
		]);
	});

	test("lists the models of a repository by name, hidden folders aside", () => {
		make("b/1", "b/2", "a", "c/", ".git/1", "notes/");
		expect(shown()).toEqual(["a 1", "b 1,2"]);
	});

	test("lists versions that are not complete yet", () => {
		make("m/1", "m/2/");
		expect(shown("m")).toEqual(["m 1,2"]);
	});

	test("fails with NOT_FOUND for an empty folder and for none at all", () => {
		expect(() => findModels(folder)).toThrow(
			expect.objectContaining({
				code: "NOT_FOUND",
				message: `cannot find a SavedModel in ${folder}: the folder is empty`,
			}),
		);
		expect(() => findModels(join(folder, "nope"))).toThrow("no such folder");
	});
});

test.each([
	["1", 1n],
	["00000123", 123n],
	["9223372036854775807", 2n ** 63n - 1n],
	["9223372036854775808", undefined],
	["", undefined],
	["1a", undefined],
	["+1", undefined],
	["0x1", undefined],
	["9".repeat(100_000), undefined],
])("parseVersion() reads %.30j", (name, expected) => {
	expect(parseVersion(name)).toBe(expected);
});

test("parseReference() cuts at the last @", () => {
	expect(parseReference("digits@2")).toEqual({ name: "digits", version: "2" });
	expect(parseReference("a@b@stable")).toEqual({
		name: "a@b",
		version: "stable",
	});
	expect(parseReference("digits")).toEqual({
		name: "digits",
		version: undefined,
	});
	expect(parseReference("@2")).toEqual({ name: "@2", version: undefined });
});

describe("findModel()", () => {
	test("finds a model, or one version of it", () => {
		make("digits/1", "digits/2", "flowers");
		const models = findModels(folder);
		expect(latestVersion(findModel(models, "digits")).version).toBe(2n);
		expect(findModel(models, "digits@1").versions).toEqual([
			{ version: 1n, dir: join(folder, "digits/1") },
		]);
	});

	test("offers what exists", () => {
		make("digits/1", "digits/3", "flowers");
		const models = findModels(folder);
		expect(() => findModel(models, "digist")).toThrow(
			expect.objectContaining({
				code: "NOT_FOUND",
				message: 'cannot find model "digist": nearest are "digits", "flowers"',
			}),
		);
		expect(() => withVersion(models[0], "2")).toThrow(
			expect.objectContaining({
				code: "NOT_FOUND",
				message: 'cannot find version "2" of model "digits": it has 1, 3',
			}),
		);
	});
});
