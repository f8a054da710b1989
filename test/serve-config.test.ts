import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, expect, test } from "vitest";

const MODELS = resolve("fixtures/models/tensorflow-serving");
const TWO = join(MODELS, "saved_model_half_plus_two_cpu");
const THREE = join(MODELS, "saved_model_half_plus_three");
const TEMPLATE = readFileSync(join(MODELS, "good_model_config.txt"), "utf8");

const children: ChildProcess[] = [];
const folder = mkdtempSync(join(tmpdir(), "mlship-"));
const file = join(folder, "models.config");

afterEach(async () => {
	for (const child of children.splice(0)) {
		child.kill("SIGTERM");
		if (child.exitCode === null) await once(child, "exit");
	}
	rmSync(file, { force: true });
});

/** TensorFlow Serving's good_model_config.txt, other models in their places. */
function writeConfig(two = TWO, three = THREE): void {
	const text = TEMPLATE.replace(/\$\{TEST_HALF_PLUS_TWO_DIR\}/, two);
	writeFileSync(file, text.replace(/\$\{TEST_HALF_PLUS_THREE_DIR\}/, three));
}

/** Starts the built command line with TensorFlow Serving's spelling; resolves to where it answers. */
async function start(
	args: readonly string[],
	env: Readonly<Record<string, string>> = {},
): Promise<{ readonly url: string; readonly stderr: () => string }> {
	const child = spawn(
		process.execPath,
		[
			...["bin/mlship.js", "serve", "--json"],
			...["--port=0", "--rest_api_port=0", ...args],
		],
		{ env: { ...process.env, ...env } },
	);
	children.push(child);
	let stderr = "";
	child.stderr.on("data", (data) => {
		stderr += data;
	});
	const [told] = (await once(child.stdout, "data")) as [Buffer];
	const { url } = JSON.parse(told.toString()) as { url: string };
	return { url, stderr: () => stderr };
}

async function ask(url: string, model: string): Promise<unknown> {
	const response = await fetch(`${url}/v1/models/${model}:predict`, {
		method: "POST",
		body: '{"instances": [2.0]}',
	});
	const { predictions } = (await response.json()) as { predictions?: unknown };
	return predictions ?? response.status;
}

// testGoodModelConfig and testGoodGrpcChannelArgs of tensorflow_model_server_test.py
test("serves the models of a configuration file, with TensorFlow Serving's flags", async () => {
	writeConfig();
	const { url, stderr } = await start([
		`--model_config_file=${file}`,
		"--grpc_channel_arguments=grpc.max_connection_age_ms=2000,grpc.lb_policy_name=grpclb",
		"--rest_api_num_threads=3",
		"--rest_api_timeout_in_ms=10000",
		"--enable_batching",
		`--batching_parameters_file=${join(MODELS, "batching_config.txt")}`,
		`--monitoring_config_file=${join(MODELS, "monitoring_config.txt")}`,
		"--file_system_poll_wait_seconds=0",
	]);
	expect(await ask(url, "half_plus_two")).toEqual([3]);
	expect(await ask(url, "half_plus_three")).toEqual([4]);
	expect(stderr()).toContain("note: --rest_api_num_threads has no effect");
});

// testModelConfigReload, and what upstream does not do: one missing folder leaves the others alone
test("reads the file again, and takes over what it says then", async () => {
	writeConfig(TWO, join(folder, "nowhere"));
	const { url, stderr } = await start([
		`--model_config_file=${file}`,
		"--model_config_file_poll_wait_seconds=1",
	]);
	expect(stderr()).toContain("warning: cannot serve half_plus_three: ");
	expect(await ask(url, "half_plus_two")).toEqual([3]);
	writeFileSync(file, "improperly formatted file");
	await expect
		.poll(stderr, { timeout: 20_000 })
		.toContain(
			"Error parsing text-format tensorflow.serving.ModelServerConfig: 1:1: ",
		);
	expect(await ask(url, "half_plus_two")).toEqual([3]);
	writeFileSync(
		file,
		`model_config_list { config { name: "other" base_path: "${THREE}" model_platform: "tensorflow" } }`,
	);
	await expect.poll(() => ask(url, "other"), { timeout: 20_000 }).toEqual([4]);
	expect(await ask(url, "half_plus_two")).toBe(404);
}, 60_000);

// the entry point of tensorflow/serving's image
test("takes the model that the variables of TensorFlow Serving's image name", async () => {
	const { url } = await start([], {
		MODEL_NAME: "saved_model_half_plus_three",
		MODEL_BASE_PATH: MODELS,
	});
	expect(await ask(url, "saved_model_half_plus_three")).toEqual([4]);
});
