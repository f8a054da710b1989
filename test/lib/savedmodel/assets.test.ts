import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { MetaGraphDefSchema } from "../../../src/gen/saved_model_pb.js";
import { assetFiles, assetNames } from "../../../src/lib/savedmodel/assets.js";
import { readSavedModel } from "../../../src/lib/savedmodel/read.js";

function assetsOf(dir: string): [string, string][] {
	const model = readSavedModel(dir);
	return [...assetFiles(model, model.metaGraphs[0])];
}

describe("assetFiles()", () => {
	test.each([
		["TensorFlow 2", "fixtures/saved/assets"],
		["TensorFlow 1", "fixtures/saved/assets_v1"],
	])("finds the vocabulary of a model of %s", (_, dir) => {
		const [[tensorName, path]] = assetsOf(dir);
		expect(tensorName).toMatch(/:0$/);
		expect(path).toBe(resolve(dir, "assets/vocabulary.txt"));
		expect(readFileSync(path, "utf8")).toBe("red\ngreen\nblue\n");
	});

	test("reads the collection of a graph that has no asset_file_def", () => {
		const dir = "fixtures/models/tensorflow/half_plus_two/00000123";
		const model = readSavedModel(dir);
		const collected = { ...model.metaGraphs[0], assetFileDef: [] };
		expect([...assetFiles(model, collected)]).toEqual([
			["Const:0", resolve(dir, "assets/foo.txt")],
		]);
		expect(assetNames(collected)).toEqual(["foo.txt"]);
	});

	test("does not look whether the file exists", () => {
		const dir =
			"fixtures/models/tensorflow-serving/saved_model_half_plus_two_cpu_with_saved_model_config/00000123";
		expect(existsSync(`${dir}/assets`)).toBe(false);
		expect(assetsOf(dir)).toHaveLength(1);
	});

	test.each([
		"../../secret",
		"/etc/passwd/../../..",
		"",
		".",
		"a/../..",
		"x\0y",
	])("fails with CORRUPT for %j, which leads out of the folder", (filename) => {
		const model = readSavedModel("fixtures/saved/assets");
		const metaGraph = create(MetaGraphDefSchema, {
			assetFileDef: [{ filename }],
		});
		expect(() => assetFiles(model, metaGraph)).toThrow(
			expect.objectContaining({
				code: "CORRUPT",
				message: `cannot use asset "${filename}": it is no file in the folder assets`,
			}),
		);
	});
});
