import { cpSync, mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { fail } from "../../../src/lib/errors.js";
import { findModels } from "../../../src/lib/repository/list.js";
import { Host } from "../../../src/lib/serving/host.js";
import { loadModel } from "../../../src/lib/serving/load.js";
import {
	loadVersions,
	parseVersionPolicy,
	type VersionPolicy,
} from "../../../src/lib/serving/versions.js";
import { fakeEngine, HALF_PLUS_TWO } from "./fake.js";

describe("parseVersionPolicy()", () => {
	test.each<[string, VersionPolicy]>([
		["2", { latest: 2 }],
		["all", "all"],
		["1,3", { specific: [1n, 3n] }],
		["7,", { specific: [7n] }],
		["9223372036854775807,0", { specific: [9223372036854775807n, 0n] }],
	])("reads $0", (text, policy) => {
		expect(parseVersionPolicy(text)).toEqual(policy);
	});

	test.each([
		"",
		",",
		"0",
		"-1",
		"1.5",
		"one",
		"1,two",
		"9223372036854775808,",
	])('rejects "%s"', (text) => {
		expect(() => parseVersionPolicy(text)).toThrowError(
			expect.objectContaining({ code: "INVALID" }),
		);
	});
});

describe("loadVersions()", () => {
	const folders: string[] = [];
	afterEach(() => {
		for (const folder of folders.splice(0))
			rmSync(folder, { recursive: true, force: true });
	});

	test.each([
		["1", [4n]],
		["2", [4n, 3n]],
		["9", [4n, 3n, 1n]],
		["all", [4n, 3n, 1n]],
		["1,4,1", [4n, 1n]],
	])("serves what %s asks for", async (policy, versions) => {
		const { dir } = repository(1, 3, 4);
		const { available } = await load(dir, parseVersionPolicy(policy));
		expect(available).toEqual(versions);
	});

	test("reports a version that is not complete, and serves an older one instead", async () => {
		const { dir, file } = repository(1, 2, 3);
		truncateSync(file(3, "variables/variables.data-00000-of-00001"), 5);
		const { statuses, available } = await load(dir, { latest: 2 });
		expect(available).toEqual([2n, 1n]);
		expect(statuses[0]).toMatchObject({
			version: 3n,
			state: "END",
			error: {
				code: "NOT_READY",
				message: expect.stringMatching(
					/^the version is not complete: .*has 5 bytes/,
				),
			},
		});
	});

	test("reports a version that does not load, and serves an older one instead", async () => {
		const { dir } = repository(1, 2, 3);
		const host = new Host(async (path) => {
			if (path.endsWith("/3")) throw fail("UNSUPPORTED", "cannot run Foo");
			return loadModel(path, {}, fakeEngine);
		});
		const [model] = findModels(dir);
		const statuses = await loadVersions(host, model, { latest: 1 });
		expect(statuses.map(({ version, state }) => [version, state])).toEqual([
			[3n, "END"],
			[2n, "AVAILABLE"],
		]);
	});

	test("fails where a version is asked for that is not there", async () => {
		const { dir } = repository(1);
		await expect(load(dir, { specific: [1n, 5n] })).rejects.toMatchObject({
			code: "NOT_FOUND",
			message: 'cannot find version "5" of model "m": it has 1',
		});
	});

	async function load(dir: string, policy: VersionPolicy) {
		const host = new Host((path) => loadModel(path, {}, fakeEngine));
		const [model] = findModels(dir);
		const statuses = await loadVersions(host, model, policy);
		const available = host
			.statuses("m")
			.filter(({ state }) => state === "AVAILABLE")
			.map(({ version }) => version);
		return { statuses, available };
	}

	/** A model folder `m` with copies of half plus two. */
	function repository(...versions: number[]) {
		const folder = mkdtempSync(join(tmpdir(), "mlship-"));
		folders.push(folder);
		const dir = join(folder, "m");
		for (const version of versions)
			cpSync(`${HALF_PLUS_TWO}/00000123`, join(dir, String(version)), {
				recursive: true,
			});
		return {
			dir,
			file: (version: number, path: string) => join(dir, String(version), path),
		};
	}
});
