import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ModelServerConfigSchema } from "../../../../src/gen/model_config_pb.js";
import {
	readModelConfigFile,
	readModelServerConfig,
} from "../../../../src/lib/serving/config/models.js";
import { parseConfig } from "../../../../src/lib/serving/config/read.js";
import type { Compat } from "../../../../src/lib/tensor/json/source.js";

const UPSTREAM = "fixtures/models/tensorflow-serving";
const folder = mkdtempSync(join(tmpdir(), "mlship-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(text: string, compat: Compat = "default") {
	return readModelServerConfig(
		parseConfig(ModelServerConfigSchema, text, "models.config"),
		compat,
	);
}

/** A list of one model with these fields beside the usual ones. */
function listOf(fields: string): string {
	return `model_config_list { config { name: "m" base_path: "/models/m" model_platform: "tensorflow" ${fields} } }`;
}

describe("readModelConfigFile()", () => {
	// testGoodModelConfig of tensorflow_model_server_test.py
	test("reads TensorFlow Serving's good_model_config.txt", () => {
		const path = join(folder, "models.config");
		const text = readFileSync(join(UPSTREAM, "good_model_config.txt"), "utf8");
		writeFileSync(
			path,
			text
				.replace(/\$\{TEST_HALF_PLUS_TWO_DIR\}/, "/models/two")
				.replace(/\$\{TEST_HALF_PLUS_THREE_DIR\}/, "/models/three"),
		);
		expect(readModelConfigFile(path, "strict")).toEqual({
			models: [
				{
					name: "half_plus_two",
					basePath: "/models/two",
					policy: { latest: 1 },
					labels: new Map(),
				},
				{
					name: "half_plus_three",
					basePath: "/models/three",
					policy: { latest: 1 },
					labels: new Map(),
				},
			],
			warnings: [],
		});
	});

	// testBadModelConfig
	test("says of TensorFlow Serving's bad_model_config.txt what libprotobuf does, and where", () => {
		const path = join(UPSTREAM, "bad_model_config.txt");
		expect(() => readModelConfigFile(path, "default")).toThrow(
			expect.objectContaining({
				code: "INVALID",
				message: expect.stringContaining(
					`cannot read ${path}: Error parsing text-format tensorflow.serving.ModelServerConfig: 1:1: `,
				),
				at: { file: path, line: 1, column: 1 },
			}),
		);
	});

	test("fails with NOT_FOUND for a file that is not there", () => {
		expect(() => readModelConfigFile("/nowhere/m.config", "default")).toThrow(
			expect.objectContaining({ code: "NOT_FOUND" }),
		);
	});
});

describe("readModelServerConfig()", () => {
	test.each([
		["none", "", { latest: 1 }],
		["an empty one", "model_version_policy {}", { latest: 1 }],
		["latest", "model_version_policy { latest {} }", { latest: 1 }],
		[
			"the latest three",
			"model_version_policy { latest { num_versions: 3 } }",
			{ latest: 3 },
		],
		[
			"the latest none, which is one",
			"model_version_policy: < latest: < num_versions: 0 > >",
			{ latest: 1 },
		],
		["all", "model_version_policy { all {} }", "all"],
		[
			"some",
			"model_version_policy { specific { versions: 1 versions: [42, 20260101000000000] } }",
			{ specific: [1n, 42n, 20_260_101_000_000_000n] },
		],
	])("reads a version policy: %s", (_, fields, policy) => {
		expect(read(listOf(fields)).models?.[0].policy).toEqual(policy);
	});

	test("reads labels", () => {
		const fields =
			"version_labels { key: 'stable' value: 41 } version_labels: [{ key: 'canary', value: 42 }]";
		expect(read(listOf(fields)).models?.[0].labels).toEqual(
			new Map([
				["stable", 41n],
				["canary", 42n],
			]),
		);
	});

	test("takes the deprecated type in the platform's place, and a file's URI", () => {
		const { models } = read(
			"model_config_list { config { name: 'm' base_path: 'file:///models/m%20n' model_type: TENSORFLOW } }",
		);
		expect(models?.[0].basePath).toBe("/models/m n");
	});

	test("tells an empty list, which serves nothing, from an empty configuration, which changes nothing", () => {
		expect(read("model_config_list {}").models).toEqual([]);
		expect(read("# nothing").models).toBeUndefined();
	});

	test("goes on without logging_config by default, and fails as TensorFlow Serving does under strict", () => {
		const text = listOf(
			"logging_config { log_collector_config { type: 'file' filename_prefix: '/tmp/x' } sampling_config { sampling_rate: 0.1 } }",
		);
		expect(read(text)).toMatchObject({
			models: [{ name: "m" }],
			warnings: [expect.stringContaining("logging_config of model m")],
		});
		expect(() => read(text, "strict")).toThrow(
			"No request-logger-creator provided.",
		);
	});

	// the words are those of server_core.cc
	test.each([
		[
			"a name given twice",
			"model_config_list { config { name: 'm' base_path: '/a' model_platform: 'tensorflow' } config { name: 'm' base_path: '/b' model_platform: 'tensorflow' } }",
			"Illegal to list model m multiple times in config list",
		],
		[
			"a relative path",
			"model_config_list { config { name: 'm' base_path: 'models/m' model_platform: 'tensorflow' } }",
			"Expected model m to have an absolute path or URI; got base_path()=models/m",
		],
		[
			"no path",
			"model_config_list { config { name: 'm' model_platform: 'tensorflow' } }",
			"Expected model m to have an absolute path or URI; got base_path()=",
		],
		[
			"no platform",
			"model_config_list { config { name: 'm' base_path: '/m' } }",
			"Illegal setting neither ModelServerConfig::model_type (deprecated) nor ModelServerConfig::model_platform, model name is m",
		],
		[
			"an unknown platform",
			"model_config_list { config { name: 'm' base_path: '/m' model_platform: 'pytorch' } }",
			"Model m requests unsupported platform pytorch",
		],
		[
			"a deprecated type that is none",
			"model_config_list { config { name: 'm' base_path: '/m' model_type: 7 } }",
			"Model m requests unsupported platform 7",
		],
		[
			"no name",
			"model_config_list { config { base_path: '/m' model_platform: 'tensorflow' } }",
			"cannot serve a model without a name",
		],
	])("fails with INVALID for %s", (_, text, message) => {
		expect(() => read(text)).toThrow(
			expect.objectContaining({ code: "INVALID", message }),
		);
	});

	test.each([
		["gs://bucket/m", "not over gs"],
		["s3://bucket/m", "not over s3"],
	])("fails with UNSUPPORTED for models at %s", (path, words) => {
		const text = `model_config_list { config { name: "m" base_path: "${path}" model_platform: "tensorflow" } }`;
		expect(() => read(text)).toThrow(
			expect.objectContaining({
				code: "UNSUPPORTED",
				message: expect.stringContaining(words),
			}),
		);
	});

	test("fails with UNSUPPORTED for a custom configuration, at which TensorFlow Serving ends", () => {
		expect(() => read("custom_model_config {}")).toThrow(
			expect.objectContaining({ code: "UNSUPPORTED" }),
		);
	});

	test.each([
		[
			"two policies of one model",
			listOf("model_version_policy { all {} latest {} }"),
			'field "latest" stands beside "all"',
		],
		[
			"an unknown field",
			'model_config_list {\n\tconfig { nam: "m" }\n}',
			'2:18: ModelConfig has no field "nam"',
		],
		[
			"a label beyond int64",
			listOf("version_labels { key: 'a' value: 9223372036854775808 }"),
			"int64",
		],
		[
			"a wrong number of versions",
			listOf("model_version_policy { latest { num_versions: -1 } }"),
			"uint32",
		],
	])("fails with a place for %s", (_, text, words) => {
		expect(() => read(text)).toThrow(
			expect.objectContaining({
				code: "INVALID",
				message: expect.stringMatching(
					/^cannot read models\.config: Error parsing text-format tensorflow\.serving\.ModelServerConfig: \d+:\d+: /,
				),
			}),
		);
		expect(() => read(text)).toThrow(words);
	});
});
