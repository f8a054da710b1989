import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { labelVersion } from "../src/lib/repository/change.js";
import { findModels } from "../src/lib/repository/list.js";
import { checkManifest, readManifest } from "../src/lib/repository/manifest.js";
import { isComplete } from "../src/lib/repository/ready.js";
import { readState } from "../src/lib/repository/state.js";
import { readModelConfigFile } from "../src/lib/serving/config/models.js";

const UPSTREAM = resolve("fixtures/models/tensorflow-serving");
const FIRST = join(UPSTREAM, "saved_model_half_plus_two_cpu/00000123");
const SECOND = join(UPSTREAM, "saved_model_half_plus_three/00000123");

const folders: string[] = [];
afterEach(() => {
	for (const folder of folders.splice(0))
		rmSync(folder, { recursive: true, force: true });
});

test.each([
	["an addition", "add", SECOND],
	["a promotion", "promote", "2"],
	["a removal", "remove", "1"],
] as const)(
	"%s that is killed before any of its steps leaves the repository as it was or complete, and the next one works",
	async (_, action, what) => {
		const before = repository(action === "add" ? 1 : 2);
		if (action === "remove") step("promote", join(before, "m"), 0, "2");
		let isDone = false;
		for (let last = 1; !isDone; last++) {
			const root = copyOf(before);
			const dir = join(root, "m");
			isDone = step(action, dir, last, what);
			await checkWhole(dir);
			const options = { command: "a test", who: "a test" };
			await labelVersion(dir, "next", "1", options).catch(() =>
				labelVersion(dir, "next", "2", options),
			);
			expect(readState(dir).history.at(-1)?.label).toBe("next");
			expect(hidden(root)).toEqual([]);
			await checkWhole(dir);
			expect(last).toBeLessThan(100);
		}
	},
	240_000,
);

test("mlship version add that is killed at any moment leaves the repository as it was or complete", async () => {
	const root = repository(1);
	const dir = join(root, "m");
	let added = 1;
	for (const after of [150, 300, 450, 600, 750, 900, 1200]) {
		const child = spawn(process.execPath, [
			...["bin/mlship.js", "version", "add", SECOND, dir],
		]);
		const ended = once(child, "exit");
		await Promise.race([ended, pause(after)]);
		child.kill("SIGKILL");
		await ended;
		await checkWhole(dir);
		const [{ versions }] = findModels(dir);
		expect([added, added + 1]).toContain(versions.length);
		added = versions.length;
		expect(traffic(dir)).toBeOneOf([undefined, "1@100"]);
	}
}, 120_000);

/** A repository with one model, whose versions were added. */
function repository(count: number): string {
	const root = mkdtempSync(join(tmpdir(), "mlship-kill-"));
	folders.push(root);
	for (const source of [FIRST, SECOND].slice(0, count))
		expect(step("add", join(root, "m"), 0, source)).toBe(true);
	return root;
}

function copyOf(before: string): string {
	const root = mkdtempSync(join(tmpdir(), "mlship-kill-"));
	folders.push(root);
	cpSync(before, root, { recursive: true });
	return root;
}

/** Whether it came to its end. */
function step(
	action: string,
	dir: string,
	last: number,
	what: string,
): boolean {
	const { status, signal } = spawnSync(process.execPath, [
		...["test/tools/version-step.js", action, dir, String(last), what],
	]);
	expect(signal ?? "").toBe(status === null ? "SIGKILL" : "");
	return status === 0;
}

/** Whatever is visible is whole: each version, its digests, the state, TensorFlow Serving's file. */
async function checkWhole(dir: string): Promise<void> {
	for (const version of findModels(dir)[0].versions) {
		expect(isComplete(version.dir)).toEqual({ complete: true });
		expect(readManifest(version.dir)).toBeDefined();
		await checkManifest(version.dir);
	}
	readState(dir);
	const config = join(dir, "..", "models.config");
	if (existsSync(config))
		expect(readModelConfigFile(config, "strict").models?.length).toBe(1);
}

function traffic(dir: string): string | undefined {
	return readState(dir)
		.split?.shares.map(({ version, weight }) => `${version}@${weight}`)
		.join();
}

/** Hidden files and folders, which a killed process may leave and the next one clears away. */
function hidden(root: string): string[] {
	return readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
		(path) => /(^|\/)\./.test(path),
	);
}
