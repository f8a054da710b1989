import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DISK, type Disk } from "../../../src/lib/formats/disk.js";
import { passingName } from "../../../src/lib/repository/leftovers.js";
import {
	planVersion,
	publishVersion,
} from "../../../src/lib/repository/publish.js";
import { FAULTS, type Fault, faultyDisk } from "../../faulty-disk.js";

let root: string;
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), "mlship-publish-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const publish = (
	path: string,
	text: string,
	replace = false,
	disk = DISK,
	waitMs = 5000,
) =>
	publishVersion(
		planVersion(join(root, path), { replace }),
		(folder) => writeFileSync(join(folder, "model"), text),
		{ command: "a test", waitMs, disk },
	);

const model = (version: number) =>
	readFileSync(join(root, "m", String(version), "model"), "utf8");

test.each(["m", "m/2"])(
	"a version comes to %s, after the one that is there",
	async (path) => {
		await publish("m", "one");
		const { version, dir } = await publish(path, "two");
		expect([version, dir]).toEqual([2n, join(root, "m/2")]);
		expect([model(1), model(2)]).toEqual(["one", "two"]);
		expect(readdirSync(join(root, "m"))).toEqual(["1", "2"]);
	},
);

test("of two that want the next number both get one, the later the one after", async () => {
	const plans = ["one", "two"].map((text) => publish("m", text));
	const versions = (await Promise.all(plans)).map(({ version }) => version);
	expect(versions.sort()).toEqual([1n, 2n]);
});

test("a version that another process took meanwhile stays", async () => {
	const plan = planVersion(join(root, "m/3"));
	const late = publishVersion(
		plan,
		() => mkdirSync(join(root, "m/3"), { recursive: true }),
		{ command: "a test" },
	);
	await expect(late).rejects.toMatchObject({
		code: "INVALID",
		message: `cannot add version 3 of ${join(root, "m")}: it exists`,
	});
});

test("a repository that another process holds is told, and gets nothing", async () => {
	const holder = { pid: process.pid, host: hostname(), start: "" };
	const since = new Date().toISOString();
	writeFileSync(
		join(root, ".mlship.lock"),
		JSON.stringify({ ...holder, since, command: "promote m@2", token: "a" }),
	);
	await expect(publish("m", "one", false, DISK, 0)).rejects.toMatchObject({
		code: "NOT_READY",
		message: expect.stringContaining("promote m@2"),
	});
	expect(existsSync(join(root, "m"))).toBe(false);
});

test.each(
	(Object.keys(FAULTS) as Fault[]).flatMap((fault) => [
		[fault, "a new version", "m/2", false] as const,
		[fault, "one that replaces another", "m/1", true] as const,
	]),
)(
	"on a disk that says %s %s is there as a whole or not at all",
	async (fault, _, path, replace) => {
		for (let from = 1; ; from++) {
			await publish("m/1", "one", true);
			const faulty = faultyDisk(fault, from);
			const outcome = publish(path, "two", replace, faulty.disk);
			const error = await outcome.then(
				() => undefined,
				({ hint }) => hint ?? "failed",
			);
			if (faulty.failed() === 0) break;
			const hidden = readdirSync(join(root, "m")).find((name) =>
				name.includes("replaced"),
			);
			// a disk that takes nothing any more between two steps: the user is told where it is
			if (!existsSync(join(root, "m/1")) && hidden !== undefined) {
				expect(error).toContain(hidden);
				renameSync(join(root, "m", hidden), join(root, "m/1"));
			}
			const found = replace ? model(1) : model(1) + hasSecond();
			const [old, made] = replace ? ["one", "two"] : ["one", "onetwo"];
			expect(error === undefined ? [made] : [old, made]).toContain(found);
			rmSync(join(root, "m"), { recursive: true });
			expect(from).toBeLessThan(50);
		}
	},
);

function hasSecond(): string {
	return existsSync(join(root, "m/2")) ? model(2) : "";
}

test("what processes left that have ended is cleared away, beside the model too", async () => {
	const { pid } = spawnSync(process.execPath, ["--version"]);
	mkdirSync(join(root, "m"));
	for (const [folder, kind] of [
		[".", "locking"],
		["m", "adding"],
	] as const) {
		const left = passingName(kind).replace(`-${process.pid}-`, `-${pid}-`);
		writeFileSync(join(root, folder, left), "");
	}
	await publish("m", "one");
	expect(readdirSync(root)).toEqual(["m"]);
	expect(readdirSync(join(root, "m"))).toEqual(["1"]);
});

test("what is under /proc is refused, as there are no folders to be made", async () => {
	const nowhere = publishVersion(
		planVersion("/proc/mlship/m"),
		() => undefined,
		{ command: "a test" },
	);
	await expect(nowhere).rejects.toThrow(/cannot|no such/);
});

test("an export that is killed at any moment leaves no version or a whole one, and the next one clears up", async () => {
	const disk: Disk = DISK;
	disk.makeFolder(join(root, "m"));
	for (const after of [100, 250, 400, 550, 700, 1000]) {
		const before = readdirSync(join(root, "m")).filter(isNumber).length;
		const child = spawn(process.execPath, [
			...["bin/mlship.js", "export", "fixtures/keras/digits.keras"],
			...["--out", join(root, "m")],
		]);
		const ended = once(child, "exit");
		await Promise.race([ended, pause(after)]);
		child.kill("SIGKILL");
		await ended;
		const versions = readdirSync(join(root, "m")).filter(isNumber);
		expect([before, before + 1]).toContain(versions.length);
		for (const version of versions)
			expect(wholeBytes(version)).toBe(wholeBytes(versions[0]));
	}
	await publish("m", "last");
	expect(readdirSync(root)).toEqual(["m"]);
	expect(readdirSync(join(root, "m")).filter((n) => !isNumber(n))).toEqual([]);
}, 60_000);

const isNumber = (name: string) => /^\d+$/.test(name);

function wholeBytes(version: string): number {
	return readFileSync(join(root, "m", version, "saved_model.pb")).length;
}
