import {
	copyFileSync,
	mkdirSync,
	mkdtempSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
	findMetaGraph,
	parseTags,
	readSavedModel,
	tagsOf,
} from "../../../src/lib/savedmodel/read.js";
import { signatureKeys } from "../../../src/lib/savedmodel/signature.js";
import { bytes } from "../../bytes.js";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "mlship-"));
});
afterEach(() => {
	rmSync(folder, { recursive: true });
});

const TENSORFLOW = "fixtures/models/tensorflow";

describe("readSavedModel()", () => {
	test("reads the binary and the text form of one model alike", () => {
		// upstream's saved_model_half_plus_two is exported in both forms by one script
		const keysOf = (dir: string) =>
			signatureKeys(readSavedModel(dir).metaGraphs[0]);
		const binary = `${TENSORFLOW}/half_plus_two/00000123`;
		const text = `${TENSORFLOW}/half_plus_two_pbtxt/00000123`;
		expect(readSavedModel(binary).file).toBe("saved_model.pb");
		expect(readSavedModel(text).file).toBe("saved_model.pbtxt");
		expect(keysOf(text)).toEqual(keysOf(binary));
		expect(keysOf(text)).toContain("regress_x_to_y");
	});

	test("prefers the binary form where both are there", () => {
		copyFileSync(
			"fixtures/saved/tag_sets/saved_model.pb",
			join(folder, "saved_model.pb"),
		);
		writeFileSync(join(folder, "saved_model.pbtxt"), "broken {");
		expect(readSavedModel(folder).metaGraphs).toHaveLength(3);
	});

	test.each([
		["is empty", bytes``, "it holds no graph"],
		["is cut", bytes`08 01 12 05 0a`, "a field at 3 needs 5 bytes, 1 remain"],
		["is no message", Buffer.from("<html>"), expect.anything()],
	])("fails with CORRUPT where saved_model.pb %s", (_, content, reason) => {
		writeFileSync(join(folder, "saved_model.pb"), content);
		expect(() => readSavedModel(folder)).toThrow(
			expect.objectContaining({
				code: "CORRUPT",
				message:
					typeof reason === "string"
						? `cannot read ${join(folder, "saved_model.pb")}: ${reason}`
						: reason,
			}),
		);
	});

	test("fails with CORRUPT where saved_model.pbtxt does not parse, line and column named", () => {
		const path = join(folder, "saved_model.pbtxt");
		writeFileSync(path, "meta_graphs {\n  meta_info_def { tags: serve }\n}");
		expect(() => readSavedModel(folder)).toThrow(
			expect.objectContaining({
				code: "CORRUPT",
				message: `cannot read ${path}: line 2, column 25: found "serve", wanted a string in quotes`,
			}),
		);
	});

	test("fails with UNSUPPORTED for a schema of the future", () => {
		writeFileSync(join(folder, "saved_model.pb"), bytes`08 02 12 00`);
		expect(() => readSavedModel(folder)).toThrow(
			expect.objectContaining({
				code: "UNSUPPORTED",
				message: expect.stringContaining(
					"its schema version is 2, mlship knows 1",
				),
			}),
		);
	});
});

describe("readSavedModel() says what is there instead", () => {
	test("of a folder that does not exist, with the nearest names", () => {
		mkdirSync(join(folder, "digits"));
		const path = join(folder, "digit");
		expect(() => readSavedModel(path)).toThrow(
			expect.objectContaining({
				code: "NOT_FOUND",
				message: `cannot find a SavedModel in ${path}: no such folder, nearest in ${folder} are "digits"`,
			}),
		);
	});

	test.each([
		["an empty folder", [], "NOT_FOUND", "the folder is empty"],
		[
			"a Keras file",
			["model.keras"],
			"NOT_FOUND",
			"it has model.keras, a Keras model",
		],
		[
			"an ONNX file",
			["model.onnx", "readme"],
			"NOT_FOUND",
			"it has model.onnx, an ONNX model",
		],
		[
			"a TensorFlow.js model",
			["group1-shard1of1.bin", "model.json"],
			"NOT_FOUND",
			"it has model.json, a TensorFlow.js model",
		],
		[
			"versions",
			["1/", "02/"],
			"NOT_FOUND",
			"it is a model folder with the versions 02, 1",
		],
		[
			"variables alone",
			["variables/"],
			"NOT_READY",
			'it has "variables" but no saved_model.pb: the copy may not be finished',
		],
		[
			"a message in chunks",
			["saved_model.cpb"],
			"UNSUPPORTED",
			"it has a saved_model.cpb, a message split into chunks, which mlship does not read",
		],
		[
			"something else",
			["notes.md"],
			"NOT_FOUND",
			'it has no saved_model.pb, but "notes.md"',
		],
	])("of %s", (_, names, code, reason) => {
		for (const name of names)
			if (name.endsWith("/")) mkdirSync(join(folder, name));
			else writeFileSync(join(folder, name), "");
		expect(() => readSavedModel(folder)).toThrow(
			expect.objectContaining({
				code,
				message: `cannot find a SavedModel in ${folder}: ${reason}`,
			}),
		);
	});

	test("of a file, its own saved_model.pb among them", () => {
		const model = `${TENSORFLOW}/half_plus_two/00000123`;
		expect(() => readSavedModel(`${model}/saved_model.pb`)).toThrow(
			expect.objectContaining({
				code: "INVALID",
				hint: `name the folder: ${model}`,
			}),
		);
		writeFileSync(join(folder, "m.h5"), "");
		expect(() => readSavedModel(join(folder, "m.h5"))).toThrow(
			"it is a file, a Keras model (HDF5), a folder with saved_model.pb was wanted",
		);
	});
});

describe("findMetaGraph()", () => {
	const model = readSavedModel("fixtures/saved/tag_sets");

	test("takes the graph tagged serve among several, and the only one whatever its tags", () => {
		expect(tagsOf(findMetaGraph(model))).toEqual(["serve"]);
		const only = { ...model, metaGraphs: [model.metaGraphs[0]] };
		expect(tagsOf(findMetaGraph(only))).toEqual(["train"]);
	});

	test("wants the whole set of tags, in any order", () => {
		expect(tagsOf(findMetaGraph(model, ["gpu", "serve"]))).toEqual([
			"serve",
			"gpu",
		]);
		expect(() => findMetaGraph(model, ["gpu"])).toThrow(
			expect.objectContaining({
				code: "NOT_FOUND",
				message:
					'cannot find a graph with the tag set "gpu" in fixtures/saved/tag_sets: it has "train" and "serve" and "serve,gpu"',
			}),
		);
		expect(() => findMetaGraph(model, [])).toThrow("(no tags)");
	});
});

test("parseTags() cuts at commas", () => {
	expect(parseTags("serve, gpu")).toEqual(["serve", "gpu"]);
	expect(parseTags("")).toEqual([]);
	expect(parseTags(undefined)).toBeUndefined();
});
