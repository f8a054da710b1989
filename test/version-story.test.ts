import { spawn } from "node:child_process";
import { once } from "node:events";
import {
	cpSync,
	mkdtempSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type CliRun, runCli } from "./run-cli.js";

const DIGITS = resolve("fixtures/models/digits");
const MNIST = resolve("fixtures/mnist");
/** Pictures 8000 to 8199 of MNIST's test set, which no version was trained on, and what they show. */
const DATA = `${MNIST}/images-idx3-ubyte.gz+${MNIST}/labels-idx1-ubyte.gz`;

const cwd = mkdtempSync(join(tmpdir(), "mlship-story-"));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

test("while a server answers, versions are added, tried, promoted; a bad release is caught, or forced and rolled back, and no request fails", async () => {
	await version("add", `${DIGITS}/1`, "digits");
	const server = await serve();
	const client = clientOf(`${server.url}/v1/models/digits:predict`);
	await client.answeredBy(1);

	// an addition is loaded and gets nothing
	await version("add", `${DIGITS}/2`, "digits", "--message", "convolutions");
	await version("label", "digits@2", "canary");
	await client.answeredBy(1);
	expect(await labelled(server.url, "canary")).toBe("2");

	await version("split", "digits", "1@50%", "2");
	await client.answeredBy(2);
	await client.answeredBy(1);

	// 188 of 200 and 198 of 200 right: TensorFlow's accuracies of both are in fixtures/models/digits/accuracy.json, on 2,000
	const gate = ["--evaluate", DATA, "--metric", "accuracy", "--min", "0.95"];
	await version("promote", "digits@canary", ...gate, "--max-drop", "0.01");
	await client.settlesOn(2);

	await version("add", `${DIGITS}/3`, "digits");
	const state = readFileSync(join(cwd, "models/digits/mlship.json"), "utf8");
	const refused = await run("promote", "digits@3", ...gate);
	expect(refused.code).toBe(8);
	expect(refused.stderr).toMatch(
		/cannot promote version 3 of model "digits": accuracy is 0(\.00\d)?, at least 0\.95 is wanted/,
	);
	expect(readFileSync(join(cwd, "models/digits/mlship.json"), "utf8")).toBe(
		state,
	);
	await client.answersOnly(2);

	const silent = await run("promote", "digits@3", ...gate, "--force");
	expect(silent.code).toBe(2);
	expect(silent.stderr).toContain("--message");
	await version(
		...["promote", "digits@3", ...gate, "--force"],
		...["--message", "a customer insists"],
	);
	await client.answeredBy(3);
	const { before, after } = JSON.parse(
		await version("rollback", "digits", "--json"),
	);
	expect([before, after]).toEqual([{ 3: 100 }, { 2: 100 }]);
	await client.settlesOn(2);

	// bytes that were altered stay out, as the server was told to look, and 2 serves on
	await version("add", `${DIGITS}/2`, "digits");
	await server.told("serving digits version 4");
	const folder = (name: string) => join(cwd, "models/digits", name);
	cpSync(folder("4"), folder(".5"), { recursive: true });
	const weights = join(folder(".5"), "variables/variables.data-00000-of-00001");
	const bytes = readFileSync(weights);
	bytes[1000] ^= 1;
	writeFileSync(weights, bytes);
	renameSync(folder(".5"), folder("5"));
	await server.told(
		/cannot serve digits version 5: .*variables\.data-00000-of-00001 was altered/,
	);
	const altered = await run("promote", "digits@5");
	expect([altered.code, altered.stderr]).toEqual([
		8,
		expect.stringContaining("variables.data-00000-of-00001 was altered"),
	]);
	await client.answersOnly(2);

	expect(await client.stop()).toBe(0);
	expect(await server.stop()).toEqual([0, null]);
	const { models } = JSON.parse(await version("history", "digits", "--json"));
	const told = models[0].history.map(
		({ action, version: number, forced, message }: Told) =>
			[action, number, message, forced !== undefined].join(" "),
	);
	expect(told.reverse()).toEqual([
		"add 1  false",
		"add 2 convolutions false",
		"label 2  false",
		"split   false",
		"promote 2  false",
		"add 3  false",
		"promote 3 a customer insists true",
		"rollback 2  false",
		"add 4  false",
	]);
}, 240_000);

interface Told {
	readonly action: string;
	readonly version?: number;
	readonly forced?: string;
	readonly message?: string;
}

function run(...words: string[]): Promise<CliRun> {
	return runCli(["version", ...words], { cwd });
}

async function version(...words: string[]): Promise<string> {
	const { code, stdout, stderr } = await run(...words);
	expect([code, stderr.includes("error")]).toEqual([0, false]);
	return stdout;
}

/** Starts the built command line as a user does. */
async function serve() {
	const child = spawn(
		process.execPath,
		[
			...[resolve("bin/mlship.js"), "serve", "./models", "--json"],
			...["--port=0", "--rest_api_port=0", "--verify-manifest"],
			...["--file_system_poll_wait_seconds=1", "--versions=1"],
		],
		{ cwd },
	);
	const ended = once(child, "exit");
	let said = "";
	let heard = () => {};
	child.stderr.on("data", (chunk) => {
		said += chunk;
		heard();
	});
	const [told] = (await once(child.stdout, "data")) as [Buffer];
	const { url } = JSON.parse(told.toString()) as { url: string };
	return {
		url,
		async told(words: string | RegExp) {
			while (said.search(words) < 0)
				await new Promise<void>((resolve) => {
					heard = resolve;
				});
		},
		stop() {
			child.kill("SIGTERM");
			return ended;
		},
	};
}

/** Asks again and again, by two connections. */
function clientOf(url: string) {
	const body = JSON.stringify({
		instances: [
			Array.from({ length: 28 }, () => Array.from({ length: 28 }, () => [0])),
		],
	});
	let goesOn = true;
	let failed = 0;
	let answers: string[] = [];
	let arrived = () => {};
	const ask = async () => {
		while (goesOn) {
			const response = await fetch(url, { method: "POST", body });
			if (!response.ok) failed++;
			await response.arrayBuffer();
			answers.push(response.headers.get("x-mlship-version") ?? "none");
			arrived();
		}
	};
	const asking = Promise.all([ask(), ask()]);
	const next = () =>
		new Promise<void>((resolve) => {
			arrived = resolve;
		});
	return {
		/** Resolves when that version has answered from now on. */
		async answeredBy(number: number) {
			answers = [];
			while (!answers.includes(String(number))) await next();
		},
		/** Resolves when fifty answers in a row were of that version. */
		async settlesOn(number: number) {
			answers = [];
			while (answers.length < 50) {
				await next();
				if (answers.at(-1) !== String(number)) answers = [];
			}
		},
		/** The next fifty answers are of that version. */
		async answersOnly(number: number) {
			answers = [];
			while (answers.length < 52) await next();
			// those that were under way may be of another one
			expect(new Set(answers.slice(2))).toEqual(new Set([String(number)]));
		},
		/** How many failed. */
		async stop() {
			goesOn = false;
			await asking;
			return failed;
		},
	};
}

async function labelled(url: string, label: string): Promise<string | null> {
	for (;;) {
		const response = await fetch(
			`${url}/v1/models/digits/labels/${label}:predict`,
			{
				method: "POST",
				body: JSON.stringify({
					instances: [
						Array.from({ length: 28 }, () =>
							Array.from({ length: 28 }, () => [0]),
						),
					],
				}),
			},
		);
		await response.arrayBuffer();
		// a label is there when its version is
		if (response.ok) return response.headers.get("x-mlship-version");
	}
}
