import { execFileSync } from "node:child_process";
import {
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type TarEntry, writeTar } from "../../../src/lib/formats/tar.js";

const folder = mkdtempSync(join(tmpdir(), "mlship-tar-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function bytesOf(entries: readonly TarEntry[]): Promise<Buffer> {
	const parts: Uint8Array[] = [];
	for await (const part of writeTar(entries)) parts.push(part);
	return Buffer.concat(parts);
}

const text = (content: string) => Buffer.from(content);

test("the system's tar reads names of any length, contents of any size, and modes", async () => {
	const long = `${"deep/".repeat(60)}ünicode.txt`;
	const path = join(folder, "of-the-disk");
	writeFileSync(path, "from the disk");
	const entries: TarEntry[] = [
		{ name: "empty", content: text(""), mode: 0o644 },
		{ name: "folder/", content: text(""), mode: 0o755 },
		{ name: "folder/block", content: text("x".repeat(512)), mode: 0o600 },
		{ name: "folder/more", content: text("y".repeat(513)), mode: 0o755 },
		{ name: long, content: text("far down"), mode: 0o644 },
		// 100 bytes are the most that a plain header holds
		{ name: "a".repeat(100), content: text("1"), mode: 0o644 },
		{ name: "a".repeat(101), content: text("2"), mode: 0o644 },
		{ name: "disk", content: { path, byteLength: 13 }, mode: 0o644 },
	];
	const archive = join(folder, "all.tar");
	writeFileSync(archive, await bytesOf(entries));
	const out = join(folder, "out");
	mkdirSync(out);
	execFileSync("tar", ["-xpf", archive, "-C", out]);
	for (const { name, content } of entries.filter(
		({ name }) => !name.endsWith("/"),
	))
		expect(readFileSync(join(out, name), "utf8")).toBe(
			content instanceof Uint8Array ? String(content) : "from the disk",
		);
	const listed = execFileSync("tar", ["-tvf", archive], { encoding: "utf8" });
	expect(listed).toMatch(/^-rw------- .* folder\/block$/m);
	expect(listed).toMatch(/^drwxr-xr-x .* folder\/$/m);
});

test("the same files make the same bytes, whenever they were written", async () => {
	const path = join(folder, "again");
	const archives = [];
	for (let i = 0; i < 2; i++) {
		writeFileSync(path, "same");
		archives.push(
			await bytesOf([
				{ name: "a", content: { path, byteLength: 4 }, mode: 0o644 },
			]),
		);
	}
	expect(archives[0].equals(archives[1])).toBe(true);
});

test.each([3, 5])(
	"a file of 4 bytes that was said to have %i is told, and no archive is made of it",
	async (byteLength) => {
		const path = join(folder, "changing");
		writeFileSync(path, "four");
		await expect(
			bytesOf([{ name: "a", content: { path, byteLength }, mode: 0o644 }]),
		).rejects.toMatchObject({ code: "NOT_READY" });
	},
);
