import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
	defaultModelsPath,
	resolveModels,
} from "../../../src/lib/repository/place.js";

let cwd: string;
beforeEach(() => {
	cwd = mkdtempSync(join(tmpdir(), "mlship-"));
	for (const path of ["models/digits/1", "models/digits/2", "other/flowers"]) {
		mkdirSync(join(cwd, path), { recursive: true });
		writeFileSync(join(cwd, path, "saved_model.pb"), "");
	}
});
afterEach(() => {
	rmSync(cwd, { recursive: true });
});

const shown = (argument?: string, options = {}): string[] =>
	resolveModels(argument, { cwd, env: {}, ...options }).map(
		({ name, versions }) =>
			`${name} ${versions.map(({ version }) => version).join(",")}`,
	);

describe("defaultModelsPath()", () => {
	test("prefers the option to the environment to ./models to the current folder", () => {
		const env = { MLSHIP_MODELS: "other" };
		expect(defaultModelsPath({ cwd, env, models: "models" })).toBe(
			join(cwd, "models"),
		);
		expect(defaultModelsPath({ cwd, env })).toBe(join(cwd, "other"));
		expect(defaultModelsPath({ cwd, env: { MLSHIP_MODELS: "" } })).toBe(
			join(cwd, "models"),
		);
		expect(defaultModelsPath({ cwd: join(cwd, "other"), env: {} })).toBe(
			join(cwd, "other"),
		);
	});
});

describe("resolveModels()", () => {
	test("takes all models of the usual place without an argument", () => {
		expect(shown()).toEqual(["digits 1,2"]);
		expect(shown(undefined, { models: "other" })).toEqual(["flowers 1"]);
	});

	test("takes paths, also with a version", () => {
		expect(shown("models/digits")).toEqual(["digits 1,2"]);
		expect(shown("./models/digits/1")).toEqual(["digits 1"]);
		expect(shown("models/digits@2")).toEqual(["digits 2"]);
		expect(shown(join(cwd, "other"))).toEqual(["flowers 1"]);
	});

	test("takes names of models of the usual place", () => {
		expect(shown("digits")).toEqual(["digits 1,2"]);
		expect(shown("digits@1")).toEqual(["digits 1"]);
	});

	test("fails with NOT_FOUND, naming what was meant", () => {
		expect(() => shown("digit")).toThrow(
			'cannot find model "digit": nearest are "digits"',
		);
		expect(() => shown("models/digit")).toThrow(
			`cannot find a SavedModel in ${join(cwd, "models/digit")}: no such folder`,
		);
		expect(() => shown("digit.onnx")).toThrow(
			`cannot find a model in ${join(cwd, "digit.onnx")}: no such file`,
		);
		expect(() => shown("digits@3")).toThrow(
			'cannot find version "3" of model "digits": it has 1, 2',
		);
		expect(() => shown("models/digits@3")).toThrow(
			'cannot find version "3" of model "digits"',
		);
		rmSync(join(cwd, "models"), { recursive: true });
		rmSync(join(cwd, "other"), { recursive: true });
		expect(() => shown("digits")).toThrow(
			'cannot find model "digits": nearest are none',
		);
	});
});
