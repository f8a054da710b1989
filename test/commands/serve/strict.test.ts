import { once } from "node:events";
import {
	cpSync,
	mkdtempSync,
	rmSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runCli } from "../../run-cli.js";

const UPSTREAM = resolve("fixtures/models/tensorflow-serving");
const root = mkdtempSync(join(tmpdir(), "mlship-"));
const broken = join(root, "m");
cpSync(join(UPSTREAM, "saved_model_half_plus_two_cpu"), broken, {
	recursive: true,
});
truncateSync(join(broken, "00000123/saved_model.pb"), 100);
afterAll(() => rmSync(root, { recursive: true }));

const START = [
	...["serve", "--compat=strict", "--port=0", "--rest_api_port=0"],
	"--max_num_load_retries=0",
];

/** What main() of TensorFlow Serving writes to stdout (main.cc) before it returns -1. */
const FAILED = "Failed to start server. Error: ";

describe("a strict start that fails", () => {
	test.each<[string, string[], string, string]>([
		[
			"by contradicting flags",
			["--batching_parameters_file=b.txt", `--model_base_path=${broken}`],
			`${FAILED}INVALID_ARGUMENT: server_options.batching_parameters_file is set without setting server_options.enable_batching to true.\n`,
			"error: server_options.batching_parameters_file is set",
		],
		[
			// testBadModelConfig of tensorflow_model_server_test.py
			"by a configuration file that is none",
			[`--model_config_file=${UPSTREAM}/bad_model_config.txt`],
			`${FAILED}INVALID_ARGUMENT: Invalid protobuf file: '${UPSTREAM}/bad_model_config.txt'\n`,
			"Error parsing text-format tensorflow.serving.ModelServerConfig: 1:",
		],
		[
			"by a path that is not there",
			[`--model_base_path=${root}/nowhere`],
			`${FAILED}NOT_FOUND: `,
			"error: ",
		],
	])(
		"%s says so as TensorFlow Serving does, and why",
		async (_, flags, told, why) => {
			const { code, stdout, stderr } = await runCli([...START, ...flags]);
			expect([code, stdout.slice(0, told.length)]).toEqual([255, told]);
			expect(stderr).toContain(why);
		},
	);

	test("by a model that does not load names its version and the reason", async () => {
		const { code, stdout, stderr } = await runCli([
			...START,
			...["--model_name=m", `--model_base_path=${broken}`],
		]);
		expect([code, stdout]).toEqual([
			255,
			expect.stringMatching(
				/^Failed to start server\. Error: UNKNOWN: 1 servable\(s\) did not become available: \{\{\{name: m version: 123\} due to error: [A-Z_]+: .*\}, \}\n$/,
			),
		]);
		expect(stderr).toMatch(/^error: cannot serve m version 123: /);
	});

	test("by one model of several without a folder names it", async () => {
		const file = join(root, "models.config");
		const entry = (name: string, path: string) =>
			`config { name: "${name}" base_path: "${path}" model_platform: "tensorflow" }`;
		const good = join(UPSTREAM, "saved_model_half_plus_two_cpu");
		writeFileSync(
			file,
			`model_config_list { ${entry("a", good)} ${entry("b", `${root}/nowhere`)} }`,
		);
		const { code, stdout } = await runCli([
			...START,
			`--model_config_file=${file}`,
		]);
		expect([code, stdout]).toEqual([
			255,
			expect.stringMatching(
				/^Failed to start server\. Error: NOT_FOUND: .*\bb\b/,
			),
		]);
	});

	test("by a flag that cannot be read shows the usage", async () => {
		const { code, stdout, stderr } = await runCli([...START, "--port=many"]);
		expect([code, stdout]).toEqual([255, expect.stringMatching(/^Usage: /)]);
		expect(stderr).toContain("cannot use --port many");
	});

	test("tells one value with --json", async () => {
		const { code, stdout } = await runCli([
			...[...START, "--json", `--model_base_path=${root}/nowhere`],
		]);
		expect(code).toBe(255);
		expect(JSON.parse(stdout)).toMatchObject({ error: { code: "NOT_FOUND" } });
	});
});

// server.cc: the ports are opened when the models are there
test("strictly models are loaded before ports are opened, and otherwise behind that", async () => {
	const other = createServer().listen(0, "127.0.0.1");
	await once(other, "listening");
	const { port } = other.address() as { port: number };
	const flags = [`--rest_api_port=${port}`, `--model_base_path=${broken}`];
	const strict = await runCli([...START, ...flags]);
	expect(strict.stdout).toContain("did not become available");
	const usual = await runCli(["serve", "--port=0", ...flags]);
	expect([usual.code, usual.stderr]).toEqual([
		6,
		expect.stringContaining("the port is in use"),
	]);
	other.close();
});
