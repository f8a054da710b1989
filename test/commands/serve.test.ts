import { once } from "node:events";
import {
	cpSync,
	mkdirSync,
	mkdtempSync,
	rmSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { type CliOptions, type CliRun, runCli } from "../run-cli.js";

const DIGITS = resolve("models/digits");
const UPSTREAM = resolve("fixtures/models/tensorflow-serving");
const folders: string[] = [];

afterEach(() => {
	for (const folder of folders.splice(0))
		rmSync(folder, { recursive: true, force: true });
});

describe("serve", () => {
	test("tells what is served, where, and a line to try it", async () => {
		const { code, stdout, stderr } = await served(["./models/digits"]);
		expect(
			stdout.replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT"),
		).toBe(`serving 1 model at http://127.0.0.1:PORT

digits  version 2, and 1 under /versions/N
  serving_default, serve
    in   image     float32  [?,28,28,1]
    out  output_0  float32  [?,10]

try
  curl -d "$(node -p 'JSON.stringify({"instances":[Array(28).fill(Array(28).fill([0.5]))]})')" http://127.0.0.1:PORT/v1/models/digits:predict
`);
		expect(stderr).toBe("stopping: finishing the requests under way\n");
		expect(code).toBe(0);
	});

	test("--json tells the same as one value", async () => {
		const { stdout } = await served(["./models/digits", "--json", "--quiet"]);
		const { url, models, curl } = JSON.parse(stdout);
		expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
		expect(curl).toContain(`${url}/v1/models/digits:predict`);
		expect(models).toMatchObject([
			{
				name: "digits",
				versions: [
					{ version: 2, state: "AVAILABLE", dir: join(DIGITS, "2") },
					{ version: 1, state: "AVAILABLE", dir: join(DIGITS, "1") },
				],
				signatures: [
					{
						key: "serving_default",
						inputs: [
							{ name: "image", dtype: "float32", shape: [-1, 28, 28, 1] },
						],
						outputs: [{ name: "output_0", dtype: "float32", shape: [-1, 10] }],
					},
					{ key: "serve" },
				],
			},
		]);
	});

	test.each<[string, string[], Record<string, number[]>]>([
		["the models of ./models", [], { digits: [2, 1] }],
		["a version by name", ["digits@1"], { digits: [1] }],
		["two versions by name", ["digits@1", "digits@2"], { digits: [2, 1] }],
		["a version's folder", [join(DIGITS, "1")], { digits: [1] }],
		["as many versions", [DIGITS, "--versions", "1"], { digits: [2] }],
		["a list of versions", [DIGITS, "--versions=1,"], { digits: [1] }],
		[
			"a model under another name",
			[DIGITS, "--model-name", "d"],
			{ d: [2, 1] },
		],
		[
			"TensorFlow Serving's flags",
			["--model_name=d", `--model_base_path=${DIGITS}`],
			{ d: [2] },
		],
		[
			"TensorFlow Serving's flags without a name",
			["--model_base_path", DIGITS, "--versions", "all"],
			{ default: [2, 1] },
		],
		[
			"several models",
			[DIGITS, join(UPSTREAM, "saved_model_half_plus_two_cpu")],
			{ digits: [2, 1], saved_model_half_plus_two_cpu: [123] },
		],
	])("serves %s", async (_, args, expected) => {
		const { stdout } = await served([...args, "--json"]);
		const { models } = JSON.parse(stdout) as Announced;
		expect(
			Object.fromEntries(
				models.map(({ name, versions }) => [
					name,
					versions.map(({ version }) => version),
				]),
			),
		).toEqual(expected);
	});

	test("serves gRPC on the port that is asked for, and fails where that is in use", async () => {
		const other = createServer().listen(0, "127.0.0.1");
		await once(other, "listening");
		const { port } = other.address() as { port: number };
		const taken = await run([DIGITS, "--rest-api-port=0", `--port=${port}`]);
		expect([taken.code, taken.stderr]).toEqual([
			6,
			expect.stringContaining(
				`cannot listen on 127.0.0.1:${port}: the port is in use`,
			),
		]);
		other.close();
		await once(other, "close");
		const { code, stdout } = await served([DIGITS, `--port=${port}`]);
		expect([code, stdout.split("\n")[0]]).toEqual([
			0,
			expect.stringMatching(new RegExp(`, gRPC at 127\\.0\\.0\\.1:${port}$`)),
		]);
	});

	test("serves the last good version when the latest is broken, and says why", async () => {
		const dir = modelFolder("m", [1, 2, 3]);
		truncateSync(join(dir, "3/saved_model.pb"), 100);
		rmSync(join(dir, "2/variables/variables.data-00000-of-00001"));
		const { code, stdout, stderr } = await served([dir, "--json"]);
		expect(code).toBe(0);
		expect((JSON.parse(stdout) as Announced).models[0].versions).toMatchObject([
			{ version: 3, state: "END", error: { code: "NOT_READY" } },
			{ version: 2, state: "END" },
			{ version: 1, state: "AVAILABLE" },
		]);
		expect(stderr).toMatch(
			/^warning: cannot serve m version 3: the version is not complete: /m,
		);
		expect(stderr).toMatch(
			/^warning: cannot serve m version 2: .*variables\.data-00000-of-00001 is not there$/m,
		);
	});

	test("serves the other models where one does not load", async () => {
		const dir = modelFolder("good", [1]);
		mkdirSync(join(dir, "../bad/1"), { recursive: true });
		writeFileSync(join(dir, "../bad/1/saved_model.pb"), "no model");
		const { code, stdout, stderr } = await served([join(dir, ".."), "--json"]);
		expect(code).toBe(0);
		expect(stderr).toMatch(/^warning: cannot serve bad version 1: /);
		expect((JSON.parse(stdout) as Announced).models).toHaveLength(2);
	});

	test("fails with the reason where nothing can be served", async () => {
		const dir = modelFolder("m", [7]);
		rmSync(join(dir, "7/variables"), { recursive: true });
		const { code, stdout, stderr } = await run([dir]);
		expect([code, stdout, stderr]).toEqual([
			6,
			"",
			expect.stringMatching(
				/^error: cannot serve m version 7: the version is not complete: .*no variables\/variables\.index/,
			),
		]);
	});

	test("fails with 6 and a port to try where the port is in use", async () => {
		const other = createServer().listen(0, "127.0.0.1");
		await once(other, "listening");
		const { port } = other.address() as { port: number };
		const { code, stderr } = await run([DIGITS, `--rest-api-port=${port}`]);
		other.close();
		expect(code).toBe(6);
		expect(stderr).toMatch(
			`error: cannot listen on 127.0.0.1:${port}: the port is in use\n`,
		);
		expect(stderr).toMatch(/hint: .*--rest-api-port \d+\n$/);
	});

	test.each([
		["a folder that is not there", ["./nowhere/m"], 3, "no such folder"],
		["a model that is not there", ["digit"], 3, 'nearest are "digits"'],
		["an empty folder", [], 3, "the folder is empty"],
		[
			"a version that is not there",
			[DIGITS, "--versions", "1,9"],
			3,
			'cannot find version "9" of model "digits": it has 1, 2',
		],
		["no number of versions", [DIGITS, "--versions", "two"], 2, '"two"'],
		["no port", [DIGITS, "--rest-api-port", "http"], 2, "from 0 to 65535"],
		["an unknown compat", [DIGITS, "--compat=stirct"], 2, "strict"],
		["no timeout", [DIGITS, "--rest_api_timeout_in_ms=1s"], 2, "1s"],
		["a port that is too large", [DIGITS, "--rest_api_port=65536"], 2, "65535"],
		["no size", [DIGITS, "--max-body", "64 mice"], 2, "64MiB"],
		["no workers", [DIGITS, "--workers", "0"], 2, "--workers 0"],
		["an unknown engine", [DIGITS, "--engine", "onxn"], 2, '"onnx"'],
		["unknown tags", [DIGITS, "--tag-set", "gpu"], 3, '"serve"'],
		["an address of nobody", [DIGITS, "--host", "192.0.2.1"], 6, "--host"],
		[
			"two models of one name",
			[DIGITS, "fixtures/models/digits"],
			2,
			"two models",
		],
		[
			"one name for two models",
			[DIGITS, "fixtures/models/mobile", "--model_name=m"],
			2,
			"a path to one model",
		],
		[
			"a base path and a path",
			[DIGITS, `--model_base_path=${DIGITS}`],
			2,
			"one of the two",
		],
		["a base path of many", ["--model_base_path=fixtures/models"], 2, "as one"],
	])("fails for %s", async (_, args, status, words) => {
		const cwd = args.length === 0 ? emptyFolder() : process.cwd();
		const { code, stdout, stderr } = await run(args, { cwd });
		expect(stderr).toContain(words);
		expect([code, stdout]).toEqual([status, ""]);
	});
});

interface Announced {
	readonly models: readonly {
		readonly name: string;
		readonly versions: readonly { readonly version: number }[];
	}[];
}

/** Tests that run side by side would meet on the default port. */
const NO_GRPC = ["--port", "0"];

/** Serves on a free port until it is told what is served. */
async function served(args: readonly string[]): Promise<CliRun> {
	const stop = new AbortController();
	const running = run([...NO_GRPC, ...args, "--rest-api-port", "0"], {
		signal: stop.signal,
		onStdout: () => stop.abort(),
	});
	return running;
}

function run(
	args: readonly string[],
	options: CliOptions = {},
): Promise<CliRun> {
	return runCli(["serve", ...args], options);
}

function emptyFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), "mlship-"));
	folders.push(folder);
	return folder;
}

/** A model folder with copies of the demo's first version. */
function modelFolder(name: string, versions: readonly number[]): string {
	const dir = join(emptyFolder(), name);
	for (const version of versions)
		cpSync(join(DIGITS, "1"), join(dir, String(version)), { recursive: true });
	return dir;
}
