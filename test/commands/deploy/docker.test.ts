import { execFileSync } from "node:child_process";
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CliRun, runCli } from "../../run-cli.js";
import {
	type FakeAnswers,
	type FakeDaemon,
	fakeDaemon,
} from "./fake-daemon.js";

let cwd: string;
let daemon: FakeDaemon | undefined;

beforeEach(() => {
	cwd = mkdtempSync(join(tmpdir(), "mlship-deploy-"));
	cpSync("models/digits", join(cwd, "models/digits"), { recursive: true });
});

afterEach(() => {
	daemon?.close();
	daemon = undefined;
	rmSync(cwd, { recursive: true, force: true });
});

/** Without a daemon, unless one is named. */
function deploy(
	args: readonly string[],
	env: Readonly<Record<string, string>> = {},
): Promise<CliRun> {
	return runCli(["deploy", "docker", ...args], {
		cwd,
		env: {
			PATH: process.env.PATH,
			HOME: cwd,
			DOCKER_HOST: `unix://${join(cwd, "none.sock")}`,
			...env,
		},
	});
}

async function dryRun(...args: string[]): Promise<{
	dockerfile: string;
	commands: string[];
	warnings: string[];
	models: { name: string; versions: { version: string; digest: string }[] }[];
}> {
	const { code, stdout, stderr } = await deploy([
		...args,
		"--dry-run",
		"--json",
	]);
	expect(stderr).toBe("");
	expect(code).toBe(0);
	return JSON.parse(stdout);
}

describe("a Dockerfile", () => {
	test.each([
		["mlship", []],
		["tfs", ["--runtime", "tfs"]],
	])("of --runtime %s is the one in fixtures/deploy", async (name, args) => {
		const { dockerfile } = await dryRun(...args);
		const { version } = JSON.parse(readFileSync("package.json", "utf8"));
		// what stays when mlship's version and the digest of a base change
		const settled = dockerfile
			.replaceAll(version, "VERSION")
			.replaceAll(/node:22-bookworm-slim@sha256:[0-9a-f]{64}/g, "BASE")
			.replace(/("org.opencontainers.image.base.digest"=")[^"]+/, "$1DIGEST");
		await expect(settled).toMatchFileSnapshot(
			join(process.cwd(), `fixtures/deploy/${name}.Dockerfile`),
		);
	});

	test.each([
		[[]],
		[["--runtime", "tfs"]],
		[["digits@1", "--tag", "a:1", "--base", "node:22@sha256:".padEnd(79, "0")]],
	])("made by %j passes the rules of a good one", async (args) => {
		const { dockerfile } = await dryRun(...args);
		expect(lint(dockerfile)).toEqual([]);
	});

	test("has the server before versions in their order, and configuration last", async () => {
		for (const version of ["10", "9"])
			cpSync(
				join(cwd, "models/digits/2"),
				join(cwd, "models/digits", version),
				{ recursive: true },
			);
		const { dockerfile } = await dryRun("--versions", "all");
		const stage = dockerfile.slice(dockerfile.lastIndexOf("\nFROM"));
		expect(
			[...stage.matchAll(/^COPY (?!--)(\S+)/gm)].map(([, from]) => from),
		).toEqual([
			"server/onnxruntime/",
			"server/sharp/",
			"server/packages/",
			"server/mlship/",
			"versions/digits/1/",
			"versions/digits/2/",
			"versions/digits/9/",
			"versions/digits/10/",
			"config/",
		]);
	});

	test("is pinned by digest unless --base says otherwise", async () => {
		expect((await dryRun()).dockerfile).toMatch(
			/^ARG BASE=\S+@sha256:[0-9a-f]{64}$/m,
		);
		expect((await dryRun("--base", "my/node:22")).dockerfile).toMatch(
			/^ARG BASE=my\/node:22$/m,
		);
	});

	test("runs nothing where it is for another processor", async () => {
		const other = process.arch === "arm64" ? "linux/amd64" : "linux/arm64";
		await deploy(["--out", "out", "--platform", other]);
		const dockerfile = readFileSync(join(cwd, "out/Dockerfile"), "utf8");
		expect(dockerfile).not.toMatch(/^RUN|--from/m);
		const arch = other === "linux/arm64" ? "arm64" : "x64";
		const files = readdirSync(join(cwd, "out/server"), {
			recursive: true,
			encoding: "utf8",
		});
		expect(
			files.filter((name) => name.endsWith("onnxruntime_binding.node")),
		).toEqual([expect.stringContaining(`linux/${arch}/`)]);
	});
});

/** hadolint's rules that an image of a server has to meet, by their meaning. */
function lint(dockerfile: string): string[] {
	const lines = dockerfile
		.replace(/\\\n/g, " ")
		.split("\n")
		.filter((line) => line !== "" && !line.startsWith("#"));
	const value = (name: string) =>
		lines
			.filter((line) => line.startsWith(`${name} `))
			.at(-1)
			?.slice(name.length + 1) ?? "";
	const isExec = (text: string) => {
		try {
			const words = JSON.parse(text) as unknown[];
			return words.length > 0 && !/^(\/bin\/)?sh$/.test(String(words[0]));
		} catch {
			return false;
		}
	};
	const rules: Readonly<Record<string, boolean>> = {
		"begins with the base": /^ARG BASE=\S+$/.test(lines[0]),
		"names no latest": !/:latest/.test(dockerfile),
		"the user is a number above 0": /^[1-9]\d*:\d+$/.test(value("USER")),
		"the entry point is no shell": isExec(value("ENTRYPOINT")),
		"the health check is no shell": isExec(
			value("HEALTHCHECK").replace(/^.*? CMD /, ""),
		),
		"each RUN is no shell": lines
			.filter((line) => line.startsWith("RUN "))
			.every((line) => isExec(line.slice(4))),
		"nothing is fetched": !/^ADD |curl|wget|npm install|npm ci|apt-get/m.test(
			dockerfile,
		),
		"what is copied is in the context": lines
			.filter((line) => line.startsWith("COPY "))
			.every((line) => /^COPY (--from=server )?\/?[\w./-]+\/ \/$/.test(line)),
		"the ports are told": value("EXPOSE") === "8500 8501",
		"it ends by SIGTERM": value("STOPSIGNAL") === "SIGTERM",
		"it says what is in it": [
			"model",
			"versions",
			"signature",
			"weights-digest",
		].every((key) => value("LABEL").includes(`"dev.mlship.${key}"=`)),
	};
	return Object.keys(rules).filter((rule) => !rules[rule]);
}

describe("bad input", () => {
	test.each([
		["a model's name", "Bad name; rm", [], "name of a model"],
		["a model's name", "a$(id)", [], "name of a model"],
		["--tag", "digits", ["--tag", "Digits:1"], "name of an image"],
		["--tag", "digits", ["--tag", "digits:1 --privileged"], "tag of an image"],
		["--tag", "digits", ["--tag", "a:1\nRUN id"], "tag of an image"],
		["--tag", "digits", ["--tag", `a:${"x".repeat(129)}`], "tag of an image"],
		[
			"--tag",
			"digits",
			["--tag", `a@sha256:${"0".repeat(64)}`],
			"its digest is known",
		],
		["--base", "digits", ["--base", "node:22\nRUN id"], "tag of an image"],
		["--base", "digits", ["--base", "node@sha256:12"], "a digest is wanted"],
		["--base", "digits", ["--base", "NODE"], "name of an image"],
		["--platform", "digits", ["--platform", "amd64"], "linux/arm64 is wanted"],
		["--versions", "digits", ["--versions", "two"], "cannot read versions"],
		["--push without a name", "digits", ["--push"], "--tag is wanted"],
	])(
		"%s: %s %j is refused before anything is written",
		async (_, model, args, said) => {
			if (model !== "digits")
				cpSync(join(cwd, "models/digits"), join(cwd, "models", model), {
					recursive: true,
				});
			const { code, stderr } = await deploy(args);
			expect(code).toBe(2);
			expect(stderr).toContain(said);
			expect(readdirSync(cwd)).toEqual(["models"]);
		},
	);

	test("windows and other systems are no platform of images", async () => {
		expect((await deploy(["--platform", "windows/amd64"])).code).toBe(5);
	});

	test("a version that is not there is named with those that are", async () => {
		const { code, stderr } = await deploy(["--versions", "7,8"]);
		expect(code).toBe(3);
		expect(stderr).toContain("it has 1, 2");
	});

	test("a version of which a file is missing is not deployed", async () => {
		rmSync(
			join(cwd, "models/digits/2/variables/variables.data-00000-of-00001"),
		);
		const { code, stderr } = await deploy([]);
		expect(code).toBe(6);
		expect(stderr).toContain("cannot deploy version 2 of digits");
	});

	test("a link out of a version is not followed, as whoever gets the image gets what it names", async () => {
		writeFileSync(join(cwd, "secret"), "key");
		symlinkSync(join(cwd, "secret"), join(cwd, "models/digits/2/extra"));
		const { code, stderr } = await deploy(["--out", "out"]);
		expect(code).toBe(2);
		expect(stderr).toContain("outside of its version");
		expect(existsSync(join(cwd, "out"))).toBe(false);
	});

	test.each([
		[
			"a Dockerfile of somebody else",
			"FROM scratch\n",
			"Dockerfile is not one that mlship made",
		],
		["other files", undefined, "it is not empty"],
	])("a folder with %s is left as it is", async (_, dockerfile, said) => {
		mkdirSync(join(cwd, "image"));
		writeFileSync(
			join(cwd, "image", dockerfile === undefined ? "notes" : "Dockerfile"),
			dockerfile ?? "mine",
		);
		const before = readdirSync(join(cwd, "image"));
		const { code, stderr } = await deploy(["--out", "image"]);
		expect(code).toBe(2);
		expect(stderr).toContain(said);
		expect(readdirSync(join(cwd, "image"))).toEqual(before);
		expect((await deploy(["--out", "image", "--force"])).code).toBe(0);
		if (dockerfile === undefined)
			expect(readFileSync(join(cwd, "image/notes"), "utf8")).toBe("mine");
	});

	test("an ONNX file is nothing for TensorFlow Serving", async () => {
		mkdirSync(join(cwd, "models/iris/1"), { recursive: true });
		cpSync(
			"fixtures/onnx/classifier/1/model.onnx",
			join(cwd, "models/iris/1/model.onnx"),
		);
		const { code, stderr } = await deploy([
			"iris",
			"--runtime",
			"tfs",
			"--dry-run",
		]);
		expect(code).toBe(5);
		expect(stderr).toContain("it is an ONNX file");
		expect((await deploy(["iris", "--dry-run"])).code).toBe(0);
	});
});

describe("without a daemon", () => {
	test("the context is written, the command that builds it is told, and the status is 6", async () => {
		const output = join(cwd, "records");
		const { code, stdout, stderr } = await deploy(["--tag", "digits:2"], {
			MLSHIP_OUTPUT_FILE: output,
		});
		expect(code).toBe(6);
		expect(stdout).toBe("");
		expect(stderr).toContain("run docker build --tag digits:2 deploy/docker");
		const dir = join(cwd, "deploy/docker");
		expect(readdirSync(dir).sort()).toEqual([
			".dockerignore",
			"Dockerfile",
			"config",
			"server",
			"versions",
		]);
		expect(
			readFileSync(
				join(dir, "versions/digits/2/models/digits/2/saved_model.pb"),
			).equals(readFileSync("models/digits/2/saved_model.pb")),
		).toBe(true);
		// what is there serves by itself
		const said = execFileSync(
			process.execPath,
			[join(dir, "server/mlship/app/mlship/bin/mlship.js"), "--version"],
			{ encoding: "utf8" },
		);
		expect(said.trim()).toBe(
			JSON.parse(readFileSync("package.json", "utf8")).version,
		);
		expect(JSON.parse(readFileSync(output, "utf8"))).toMatchObject({
			type: "context",
			folder: dir,
			tags: ["digits:2"],
		});
		expect((await deploy([])).code).toBe(6);
	});

	test("--out is what was asked for, and the status 0", async () => {
		const { code, stdout } = await deploy(["--out", "image", "--quiet"]);
		expect(code).toBe(0);
		expect(stdout).toContain("above the base");
		expect(existsSync(join(cwd, "image/Dockerfile"))).toBe(true);
	});

	test("--dry-run touches nothing", async () => {
		const { commands } = await dryRun(
			"--tag",
			"r.example.com/d:1",
			"--push",
			"--run",
		);
		expect(commands).toEqual([
			"docker build --tag r.example.com/d:1 deploy/docker",
			"docker push r.example.com/d:1",
			expect.stringMatching(
				/^docker run .*--read-only.* r\.example\.com\/d:1$/,
			),
		]);
		expect(readdirSync(cwd)).toEqual(["models"]);
	});

	test("a daemon behind SSH is refused with the tunnel to type", async () => {
		const { code, stderr } = await deploy([], { DOCKER_HOST: "ssh://me@host" });
		expect(code).toBe(5);
		expect(stderr).toContain("ssh -nNT -L");
	});
});

test("the digest of weights does not depend on where they are, and changes with any of them", async () => {
	const [first] = (await dryRun()).models;
	cpSync(join(cwd, "models/digits"), join(cwd, "elsewhere/digits"), {
		recursive: true,
	});
	const [second] = (await dryRun("elsewhere/digits")).models;
	expect(second.versions).toEqual(first.versions);
	const path = join(
		cwd,
		"elsewhere/digits/1/variables/variables.data-00000-of-00001",
	);
	const bytes = readFileSync(path);
	bytes[100] ^= 1;
	writeFileSync(path, bytes);
	const [third] = (await dryRun("elsewhere/digits")).models;
	expect(third.versions[0].digest).not.toBe(first.versions[0].digest);
	expect(third.versions[1]).toEqual(first.versions[1]);
});

test("labels, splits and settings of the server are in the last layer; files of this machine are not, and that is told", async () => {
	writeFileSync(
		join(cwd, "models/digits/mlship.json"),
		'{"labels":{"stable":1}}',
	);
	writeFileSync(
		join(cwd, "mlship.config.json"),
		JSON.stringify({
			serve: {
				"drain-timeout": "5s",
				"token-file": "tokens",
				host: "127.0.0.1",
			},
		}),
	);
	const { stdout } = await deploy(["--versions", "1", "--out", "image"]);
	expect(stdout).toContain(
		'"token-file" of mlship.config.json is not in the image',
	);
	const config = join(cwd, "image/config");
	expect(
		JSON.parse(readFileSync(join(config, "config/mlship.config.json"), "utf8")),
	).toEqual({ serve: { "drain-timeout": "5s" } });
	expect(
		readFileSync(join(config, "models/digits/mlship.json"), "utf8"),
	).toContain("stable");
	// the latest, and the one that a label names
	expect(readdirSync(join(cwd, "image/versions/digits"))).toEqual(["1", "2"]);
});

describe("a daemon", () => {
	async function withDaemon(
		answers: FakeAnswers,
		...args: string[]
	): Promise<CliRun> {
		const socket = join(cwd, "d.sock");
		daemon = await fakeDaemon(socket, answers);
		return deploy(args, { DOCKER_HOST: `unix://${socket}` });
	}

	const built = [
		{ stream: "Step 1/1 : FROM base\n" },
		{ stream: "Successfully built\n" },
	];

	test("is sent a context that tar reads, and the image's name is all of stdout", async () => {
		const { code, stdout } = await withDaemon({ build: built });
		expect(code).toBe(0);
		expect(stdout).toBe("digits:2\n");
		const names = execFileSync("tar", ["-tf", "-"], {
			input: daemon?.context(),
			encoding: "utf8",
			maxBuffer: 2 ** 26,
		});
		expect(names).toMatch(/^Dockerfile$/m);
		expect(names).toMatch(
			/^versions\/digits\/2\/models\/digits\/2\/saved_model\.pb$/m,
		);
		expect(existsSync(join(cwd, "deploy"))).toBe(false);
	});

	test("that fails in a step: the step and its last lines are told, status 6", async () => {
		const { code, stderr } = await withDaemon({
			build: [
				{ stream: 'Step 7/9 : RUN ["node", "/app/check.mjs"]\n' },
				{
					stream: "the base has Node.js 18.0.0; mlship needs 20.19 or later\n",
				},
				{ error: "The command returned a non-zero code: 1" },
			],
		});
		expect(code).toBe(6);
		expect(stderr).toContain('RUN ["node", "/app/check.mjs"] failed');
		expect(stderr).toContain("the base has Node.js 18.0.0");
	});

	test("that is Podman's: it tells neither sizes by its steps nor a digest while it pushes", async () => {
		const digest = `sha256:${"a".repeat(64)}`;
		const { code, stdout } = await withDaemon(
			{
				components: [{ Name: "Podman Engine" }],
				build: [{ stream: "STEP 1/2: FROM base\n" }, { stream: "COMMIT\n" }],
				push: [{ status: "Copying blob" }],
				image: {
					Id: "sha256:1",
					RepoDigests: [`r.example.com/digits@${digest}`],
				},
			},
			"--tag",
			"r.example.com/digits:2",
			"--push",
		);
		expect(code).toBe(0);
		expect(stdout).toBe(`r.example.com/digits@${digest}\n`);
	});

	test.each([
		["unauthorized: authentication required", 9, "docker login r.example.com"],
		["denied: requested access to the resource is denied", 9, "right to push"],
		[
			"Get https://r.example.com/v2/: dial tcp: lookup r.example.com: no such host",
			6,
			"can be reached",
		],
	])("whose registry says %s", async (error, status, hint) => {
		const config = {
			auths: {
				"r.example.com": { auth: Buffer.from("me:secret").toString("base64") },
			},
		};
		mkdirSync(join(cwd, ".docker"));
		writeFileSync(join(cwd, ".docker/config.json"), JSON.stringify(config));
		const { code, stdout, stderr } = await withDaemon(
			{ build: built, push: [{ error }] },
			"--tag",
			"r.example.com/d:1",
			"--push",
		);
		expect(code).toBe(status);
		expect(stdout).toBe("");
		expect(stderr).toContain(hint);
		expect(stderr).not.toContain("secret");
		expect(JSON.parse(daemon?.credentials() ?? "")).toMatchObject({
			username: "me",
			password: "secret",
		});
	});

	test("what was made is told in MLSHIP_OUTPUT_FILE, a record a line, though a later step fails", async () => {
		const output = join(cwd, "out.ndjson");
		const socket = join(cwd, "d.sock");
		daemon = await fakeDaemon(socket, {
			build: built,
			push: [{ error: "denied" }],
		});
		await deploy(["--tag", "r.example.com/d:1", "--push"], {
			DOCKER_HOST: `unix://${socket}`,
			MLSHIP_OUTPUT_FILE: output,
		});
		const records = readFileSync(output, "utf8")
			.trim()
			.split("\n")
			.map((line) => JSON.parse(line));
		expect(records).toMatchObject([
			{ type: "image", tags: ["r.example.com/d:1"], models: { digits: {} } },
		]);
	});
});
