import { spawn } from "node:child_process";
import { once } from "node:events";
import {
	existsSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DISK } from "../../../src/lib/formats/disk.js";
import { withLock } from "../../../src/lib/repository/lock.js";

let folder: string;
let path: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "mlship-lock-"));
	path = join(folder, ".mlship.lock");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const options = { disk: DISK, command: "a test", waitMs: 50 };
/** No process has it: the highest number of Linux is 2^22. */
const NOBODY = 2 ** 22 + 1;

function holder(changes: object): string {
	return JSON.stringify({
		...{ pid: process.pid, host: hostname(), since: "", start: "" },
		...{ command: "promote digits@2", token: "00" },
		...changes,
	});
}

test("a lock that is held is told with its process, host and age, and stays", async () => {
	await withLock(path, options, async () => {
		await expect(withLock(path, options, () => 1)).rejects.toMatchObject({
			code: "NOT_READY",
			message: expect.stringMatching(
				new RegExp(
					`^cannot change the repository: process ${process.pid} on ${hostname()} \\(mlship a test\\) has held .*\\.mlship\\.lock for \\d+ s$`,
				),
			),
			hint: expect.stringContaining(`rm ${path}`),
		});
		expect(existsSync(path)).toBe(true);
	});
	expect(existsSync(path)).toBe(false);
	expect(await withLock(path, options, () => 1)).toBe(1);
});

test.each([
	["of a process that has ended", holder({ pid: NOBODY }), 0],
	["of a process whose number another one got", holder({ start: "1/2" }), 0],
	["of another machine, ten minutes old", holder({ host: "elsewhere" }), 601],
	["that says nothing, ten minutes old", "", 601],
])("a lock %s is taken over", async (_, text, seconds) => {
	writeFileSync(path, text);
	const time = Date.now() / 1000 - seconds;
	utimesSync(path, time, time);
	expect(await withLock(path, options, () => 1)).toBe(1);
	expect(existsSync(path)).toBe(false);
});

test.each([
	["of another machine", holder({ host: "elsewhere" })],
	["that is being written", '{"pid":'],
])("a fresh lock %s is not taken over", async (_, text) => {
	writeFileSync(path, text);
	await expect(withLock(path, options, () => 1)).rejects.toMatchObject({
		code: "NOT_READY",
	});
	expect(readFileSync(path, "utf8")).toBe(text);
});

test("a takeover that was killed is taken over too", async () => {
	writeFileSync(path, holder({ pid: NOBODY }));
	writeFileSync(`${path}.takeover`, holder({ pid: NOBODY }));
	expect(await withLock(path, options, () => 1)).toBe(1);
	expect(existsSync(`${path}.takeover`)).toBe(false);
});

test("processes that race for a stale lock come one after the other, and none of what they do is lost", async () => {
	writeFileSync(path, holder({ pid: NOBODY }));
	const counter = join(folder, "counter");
	writeFileSync(counter, "0");
	const at = (file: string) =>
		JSON.stringify(pathToFileURL(join(process.cwd(), "dist/lib", file)));
	const program = `
		import { readFileSync, writeFileSync } from "node:fs";
		import { DISK } from ${at("formats/disk.js")};
		import { withLock } from ${at("repository/lock.js")};
		const [path, counter] = process.argv.slice(1);
		for (let i = 0; i < 20; i++)
			await withLock(path, { disk: DISK, command: "", waitMs: 60_000 }, async () => {
				const count = Number(readFileSync(counter, "utf8"));
				await new Promise(setImmediate);
				writeFileSync(counter, String(count + 1));
			});`;
	const children = [1, 2, 3].map(() =>
		spawn(process.execPath, [
			...["--input-type=module", "-e", program, path, counter],
		]),
	);
	const ends = await Promise.all(children.map((child) => once(child, "exit")));
	expect(ends.map(([code]) => code)).toEqual([0, 0, 0]);
	expect(readFileSync(counter, "utf8")).toBe("60");
	expect(existsSync(path)).toBe(false);
});
