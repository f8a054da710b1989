import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readModelConfigFile } from "../../src/lib/serving/config/models.js";
import { writeNpz } from "../../src/lib/tensor/npz.js";
import { type CliRun, runCli } from "../run-cli.js";

const UPSTREAM = resolve("fixtures/models/tensorflow-serving");
/** x / 2 + 2 and x / 2 + 3, with the same signatures. */
const TWO = join(UPSTREAM, "saved_model_half_plus_two_cpu/00000123");
const THREE = join(UPSTREAM, "saved_model_half_plus_three/00000123");

let cwd: string;
beforeEach(() => {
	cwd = mkdtempSync(join(tmpdir(), "mlship-version-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const at = (...parts: string[]) => join(cwd, "models", ...parts);

function run(...words: string[]): Promise<CliRun> {
	return runCli(["version", ...words], { cwd });
}

async function json(...words: string[]) {
	const { code, stdout, stderr } = await run(...words, "--json");
	expect([code, stderr]).toEqual([0, expect.any(String)]);
	return JSON.parse(stdout);
}

/** The model half with versions in the order of their sources. */
async function half(...sources: string[]): Promise<void> {
	for (const source of sources) await json("add", source, "half");
}

/** Versions as they were copied by hand, nothing being run. */
function copied(...versions: number[]): void {
	for (const version of versions)
		cpSync(TWO, at("half", String(version)), { recursive: true });
}

describe("add", () => {
	test("takes a SavedModel, an ONNX file, and what Keras wrote, and gives each the next free number", async () => {
		expect(await json("add", TWO, "half", "--who", "ann")).toMatchObject({
			...{ model: "half", version: "1", pinned: false },
			entry: { who: "ann", action: "add" },
		});
		expect(await json("add", THREE, "half@7")).toMatchObject({
			...{ version: "7", pinned: true },
		});
		expect(await json("add", THREE, "./models/half/9")).toMatchObject({
			version: "9",
		});
		expect(await json("add", THREE, "half", "--link")).toMatchObject({
			version: "10",
		});
		expect(statSync(at("half/10/saved_model.pb")).nlink).toBeGreaterThan(1);
		const keras = resolve("fixtures/keras/digits.keras");
		expect(await json("add", keras)).toMatchObject({ model: "digits" });
		const onnx = resolve("fixtures/onnx/mlp/1/model.onnx");
		expect(await json("add", onnx, "iris")).toMatchObject({
			...{ version: "1", signatures: ["serving_default"] },
		});
		expect(existsSync(at("iris/1/model.onnx"))).toBe(true);
		// TensorFlow Serving is told of all but the ONNX model; requests go on to version 1
		expect(readModelConfigFile(at("models.config"), "strict").models).toEqual([
			{
				...{ name: "digits", basePath: at("digits") },
				...{ policy: { latest: 1 }, labels: new Map() },
			},
			{
				...{ name: "half", basePath: at("half") },
				...{ policy: { specific: [1n] }, labels: new Map() },
			},
		]);
	});

	test.each([
		["a version that exists", [TWO, "half@1"], 2, /version 1 .* it exists/],
		["no source", ["./nothing", "half"], 3, /no such file or folder/],
		["a name out of the repository", [TWO, "../x"], 2, /leads out of/],
		["an absolute name of a hidden folder", [TWO, "/tmp/.x"], 2, /hidden/],
		["no name", [TWO, "@2"], 2, /cannot name a model/],
		["no number", [TWO, "half@"], 2, /cannot add version/],
		["a huge number", [TWO, "half@99999999999999999999"], 2, /up|to 9223/],
		["a negative number", [TWO, "half@-1"], 2, /cannot add version/],
		["a label in the place of a number", [TWO, "half@x"], 2, /whole number/],
		["several versions", [UPSTREAM, "half"], 2, /one version is wanted/],
	] as const)(
		"refuses %s, and leaves nothing behind",
		async (_, words, code, message) => {
			copied(1);
			const before = readdirSync(cwd, { recursive: true }).sort();
			const result = await run("add", ...words);
			expect(result.code).toBe(code);
			expect(result.stderr).toMatch(message);
			expect(readdirSync(cwd, { recursive: true }).sort()).toEqual(before);
		},
	);

	test("takes what links within a folder point to, and refuses links out of it", async () => {
		const source = join(cwd, "source");
		cpSync(TWO, source, { recursive: true });
		cpSync(join(source, "saved_model.pb"), join(source, "graph"));
		rmSync(join(source, "saved_model.pb"));
		symlinkSync("graph", join(source, "saved_model.pb"));
		await json("add", source, "half");
		expect(statSync(at("half/1/saved_model.pb")).isFile()).toBe(true);
		symlinkSync("/etc/passwd", join(source, "secret"));
		const { code, stderr } = await run("add", source, "half");
		expect([code, stderr]).toEqual([
			2,
			expect.stringContaining("secret: it is a link out of the folder"),
		]);
		expect(readdirSync(at("half")).sort()).toEqual(["1", "mlship.json"]);
	});

	test("refuses a copy that is not whole, bytes that are none, and a version whose bytes were altered on the way", async () => {
		const source = join(cwd, "source");
		cpSync(TWO, source, { recursive: true });
		rmSync(join(source, "variables/variables.data-00000-of-00001"));
		expect((await run("add", source, "half")).stderr).toContain(
			"variables.data-00000-of-00001 is not there",
		);
		writeFileSync(join(source, "saved_model.pb"), "nonsense");
		expect((await run("add", source, "half")).code).not.toBe(0);
		expect(existsSync(at("half"))).toBe(false);
		await half(TWO);
		cpSync(at("half/1"), join(cwd, "moved"), { recursive: true });
		writeFileSync(join(cwd, "moved/extra.txt"), "new");
		const { code, stderr } = await run("add", join(cwd, "moved"), "other");
		expect([code, stderr]).toEqual([
			8,
			expect.stringContaining("extra.txt is not in the manifest"),
		]);
	});
});

describe("labels and shares", () => {
	test("are kept in mlship.json and models.config, and shown", async () => {
		await half(TWO, THREE);
		await json("label", "half@1", "stable");
		await json("split", "half", "stable", "2@10%", "--by", "X-User-Id");
		const [listed] = (await json("list", "half")).models;
		expect(listed).toMatchObject({
			...{ traffic: "split", splitBy: "header x-user-id", lost: [] },
			versions: [
				{ version: "1", labels: ["stable"], traffic: 90, ready: true },
				{ version: "2", labels: [], traffic: 10, ready: true },
			],
		});
		await json("label", "half@2", "canary", "--base-path", "/models");
		expect(readModelConfigFile(at("models.config"), "strict").models).toEqual([
			{
				...{ name: "half", basePath: "/models/half" },
				policy: { specific: [1n, 2n] },
				labels: new Map([
					["canary", 2n],
					["stable", 1n],
				]),
			},
		]);
		// the base path stays what it was
		await json("label", "half", "canary", "--remove");
		const config = readFileSync(at("models.config"), "utf8");
		expect(config).toContain('base_path: "/models/half"');
		expect(config).not.toContain("canary");
		const text = (await run("list")).stdout;
		expect(text).toMatch(/2 +10 % +- .*ready/);
		expect(text).toMatch(/1 +90 % +stable .*ready/);
	});

	test.each([
		["1@90 2@20", 2, "the percentages make 110, 100 is wanted"],
		["1@90", 2, "the percentages make 90, 100 is wanted"],
		["1@100 2", 2, "nothing is left for the 1 without one"],
		["1@50 1@50", 2, "version 1 is there twice"],
		["1@50 3@50", 3, 'cannot find version "3" of model "half": it has 1, 2'],
		["1@50 canary@50", 3, 'cannot find version "canary"'],
		["1@0 2@100", 2, "is no percentage"],
		["1@50 other@2=50", 2, "cannot split between models"],
	])("split half %s is refused", async (shares, code, message) => {
		copied(1, 2);
		const result = await run("split", "half", ...shares.split(" "));
		expect([result.code, result.stderr]).toEqual([
			code,
			expect.stringContaining(message),
		]);
		expect(existsSync(at("half/mlship.json"))).toBe(false);
	});

	test("parts that do not come out even make 100 together", async () => {
		copied(1, 2, 3);
		const { after } = await json("split", "half", "1", "2", "3");
		expect(Object.values(after as Record<string, number>).sort()).toEqual([
			33.33, 33.33, 33.34,
		]);
	});

	test.each([
		["label half@9 stable", 3, 'cannot find version "9"'],
		["label half stable", 2, "a version is wanted"],
		["label half@1 7", 2, "cannot label a version"],
		["label half@1 a/b", 2, "cannot label a version"],
		["label half gone --remove", 3, 'cannot find label "gone"'],
		["label nothing@1 a", 3, 'cannot find model "nothing"'],
		["promote half@nothing", 3, 'cannot find version "nothing"'],
		["promote half", 2, "a version is wanted"],
		["rollback half", 3, "no other version had all traffic"],
		["remove half@2", 8, "it gets 100 % of the requests"],
		["remove half", 2, "a version is wanted"],
		["promote half@1 --min 0.9", 2, "without --evaluate"],
		["promote half@1 --evaluate x --metric f1", 2, 'cannot measure "f1"'],
		["promote half@1 --evaluate nothing.npz", 3, "no such file"],
		["history half --limit 0", 2, "--limit"],
		["lst", 2, 'unknown command "lst"; the nearest are "list"'],
	])("%s fails and says why", async (line, code, message) => {
		copied(1, 2);
		const result = await run(...line.split(" "));
		expect([result.code, result.stderr]).toEqual([
			code,
			expect.stringContaining(message),
		]);
	});

	test("a label is a version's name for other commands too", async () => {
		await half(TWO, THREE);
		await json("label", "half@1", "stable");
		const { stdout } = await runCli(
			["predict", "half@stable", "--input", "x=[2]", "--json"],
			{ cwd },
		);
		// 2 / 2 + 2
		expect(JSON.parse(stdout)).toEqual({ outputs: { y: [3] } });
		const { stderr } = await runCli(["inspect", "half@stabel"], { cwd });
		expect(stderr).toContain('it has 1, 2 and the labels "stable"');
	});

	test("a version that labels or requests go to is not removed, another one is", async () => {
		await half(TWO, THREE);
		await json("label", "half@2", "canary");
		const refused = await run("remove", "half@canary");
		expect([refused.code, refused.stderr]).toEqual([
			8,
			expect.stringContaining("label canary points to it"),
		]);
		await json("label", "half", "canary", "--remove");
		expect(await json("remove", "half@2", "--dry-run")).toMatchObject({
			changed: false,
		});
		expect(existsSync(at("half/2"))).toBe(true);
		expect(await json("remove", "half@2")).toMatchObject({ version: "2" });
		expect(readdirSync(at("half")).sort()).toEqual(["1", "mlship.json"]);
	});

	test("removing a link to a version removes the link", async () => {
		copied(2);
		const elsewhere = join(cwd, "elsewhere");
		cpSync(TWO, elsewhere, { recursive: true });
		symlinkSync(elsewhere, at("half/1"));
		await json("remove", "half@1");
		expect(existsSync(at("half/1"))).toBe(false);
		expect(existsSync(join(elsewhere, "saved_model.pb"))).toBe(true);
	});
});

describe("state", () => {
	test("rollbacks go back one promotion after the other, and say where first", async () => {
		for (const version of [1, 2, 3]) {
			copied(version);
			await json("promote", `half@${version}`);
		}
		expect((await run("rollback", "half", "--dry-run")).stdout).toContain(
			"all requests to version 3; back to version 2",
		);
		expect((await json("rollback", "half")).after).toEqual({ 2: 100 });
		expect((await json("rollback", "half")).after).toEqual({ 1: 100 });
		expect((await run("rollback", "half")).code).toBe(3);
		expect((await json("rollback", "half@3")).after).toEqual({ 3: 100 });
		expect(await json("rollback", "half@3")).toMatchObject({ changed: false });
		const { labels } = JSON.parse(readFileSync(at("half/mlship.json"), "utf8"));
		expect(labels).toEqual({ stable: 3 });
	}, 120_000);

	test("what somebody else put into mlship.json stays there, and what is broken in it is told and left as it is", async () => {
		copied(1, 2);
		const file = at("half/mlship.json");
		writeFileSync(file, '{"owner": "team a", "labels": {"old": 1}}');
		await json("label", "half@2", "new");
		expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
			...{ owner: "team a", labels: { old: 1, new: 2 } },
		});
		writeFileSync(file, '{"labels": {"stable": "x"}}');
		for (const words of [["list"], ["label", "half@1", "a"]]) {
			const { code, stderr } = await run(...words);
			expect([code, stderr]).toEqual([
				2,
				expect.stringContaining('label "stable" points to "x"'),
			]);
		}
		expect(readFileSync(file, "utf8")).toBe('{"labels": {"stable": "x"}}');
	});

	test("a models.config that somebody wrote is left alone, and told", async () => {
		copied(1);
		writeFileSync(at("models.config"), "model_config_list {}\n");
		const { code, stderr } = await run("label", "half@1", "stable");
		expect([code, stderr]).toEqual([
			0,
			expect.stringContaining("it was not written by mlship"),
		]);
		expect(readFileSync(at("models.config"), "utf8")).toBe(
			"model_config_list {}\n",
		);
	});

	test("a repository that another process holds is told with that process", async () => {
		copied(1);
		writeFileSync(
			at(".mlship.lock"),
			JSON.stringify({ pid: process.pid, host: hostname(), command: "add m" }),
		);
		const words = ["label", "half@1", "stable", "--wait", "100ms"];
		const { code, stderr } = await run(...words);
		expect([code, stderr]).toEqual([
			6,
			expect.stringMatching(
				new RegExp(
					`process ${process.pid} on ${hostname()} \\(mlship add m\\)`,
				),
			),
		]);
		expect(existsSync(at("half/mlship.json"))).toBe(false);
	});
});

describe("checks", () => {
	test("verify tells what is wrong with a version, whatever that is", async () => {
		await half(TWO, THREE, TWO);
		const weights = at("half/2/variables/variables.data-00000-of-00001");
		const bytes = readFileSync(weights);
		bytes[0] ^= 255;
		writeFileSync(weights, bytes);
		rmSync(at("half/3/saved_model.pb"));
		const { code, stdout } = await run("verify", "--json");
		expect(code).toBe(8);
		const [first, second, third] = JSON.parse(stdout).versions;
		expect(first.ok).toBe(true);
		const states = (version: typeof first) =>
			Object.fromEntries(
				version.checks.map(({ name, state }: Record<string, string>) => [
					name,
					state,
				]),
			);
		expect(states(second)).toMatchObject({
			...{ structure: "good", digests: "bad", checkpoint: "bad" },
		});
		expect(states(third)).toMatchObject({ structure: "bad", loads: "skipped" });
		const list = (await run("list")).stdout;
		expect(list).toMatch(/3 .*not ready/);
	});

	test("requests that a version brings and cannot answer keep it out", async () => {
		const source = join(cwd, "source");
		cpSync(TWO, source, { recursive: true });
		mkdirSync(join(source, "assets.extra"));
		writeFileSync(
			join(source, "assets.extra/tf_serving_warmup_requests"),
			"no records",
		);
		const { code, stderr } = await run("add", source, "half");
		expect(code).not.toBe(0);
		expect(stderr).toContain("tf_serving_warmup_requests");
		expect(existsSync(at("half"))).toBe(false);
	});

	test("verify --record gives digests to a version that was copied by hand", async () => {
		copied(1);
		await json("verify", "half@1", "--record");
		writeFileSync(at("half/1/saved_model.pb"), "x", { flag: "a" });
		const { code, stdout } = await run("verify", "half@1");
		expect([code, stdout]).toEqual([
			8,
			expect.stringMatching(
				/FAILED {2}digests .*saved_model\.pb has \d+ bytes/,
			),
		]);
	});

	test("diff says by how much weights changed: b of x / 2 + b from 2 to 3", async () => {
		await half(TWO, THREE);
		const { code, stdout } = await run("diff", "half@1", "half@2", "--json");
		const { weights, compatible } = JSON.parse(stdout);
		// half_plus_two has signatures of regression that half_plus_three lacks
		expect([code, compatible]).toEqual([8, false]);
		// |3 - 2| / |2|
		expect(weights.changed).toMatchObject([
			{ name: "b", absolute: 1, relative: 0.5 },
		]);
		expect((await json("diff", "half@1", TWO)).weights.changed).toEqual([]);
	});

	test("a signature that callers do not know fails diff and the gate", async () => {
		await half(TWO);
		await json("promote", "half@1");
		const digits = resolve("fixtures/models/digits/1");
		await json("add", digits, "half");
		const compared = await run("diff", "half@1", "half@2");
		expect([compared.code, compared.stdout]).toEqual([
			8,
			expect.stringContaining("breaking  serving_default"),
		]);
		const { code, stderr } = await run("promote", "half@2");
		expect([code, stderr]).toEqual([
			8,
			expect.stringContaining('input "x" is not there any more'),
		]);
		expect((await json("list", "half")).models[0].versions[0].traffic).toBe(
			100,
		);
	});

	test("the gate measures versions on npz and jsonl files", async () => {
		await half(TWO, THREE);
		await json("promote", "half@1");
		// version 1 is right: its mean error is 0, that of version 2 is 1
		const x = [0, 2, 4];
		const y = x.map((value) => value / 2 + 2);
		const array = (values: number[]) => ({
			...{ dtype: "float32" as const, shape: [3] },
			data: Float32Array.from(values),
		});
		writeFileSync(
			join(cwd, "data.npz"),
			writeNpz({ x: array(x), y: array(y) }),
		);
		writeFileSync(
			join(cwd, "data.jsonl"),
			x.map((value, i) => `{"x": ${value}, "label": ${y[i]}}\n`).join(""),
		);
		for (const file of ["data.npz", "data.jsonl"]) {
			const gate = ["--evaluate", file, "--metric", "mae"];
			const { code, stderr } = await run(
				...["promote", "half@2", ...gate, "--max-drop", "0.5"],
			);
			expect([code, stderr]).toEqual([
				8,
				expect.stringContaining("mae is 1, 1 worse than the 0 of the current"),
			]);
			const { gate: passed } = await json(
				...["promote", "half@2", ...gate, "--max", "1", "--dry-run"],
				// the second one lacks signatures of the first
				...["--force", "--message", "a test"],
			);
			expect(passed.scores).toEqual({
				...{ metric: "mae", rows: 3, candidate: 1, current: 0 },
			});
		}
	});
});
