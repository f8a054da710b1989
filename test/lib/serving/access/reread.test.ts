import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { fail } from "../../../../src/lib/errors.js";
import { Reread } from "../../../../src/lib/serving/access/reread.js";

const folder = mkdtempSync(join(tmpdir(), "mlship-"));
const PATH = join(folder, "file.txt");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Reads a file unless it says "bad". */
function open() {
	writeFileSync(PATH, "one");
	const troubles: string[] = [];
	const changes: string[] = [];
	const reread = new Reread({
		paths: [PATH],
		read: () => {
			const text = readFileSync(PATH, "utf8");
			if (text.startsWith("bad")) throw fail("INVALID", `it is ${text}`);
			return text;
		},
		trouble: (message) => troubles.push(message),
	});
	reread.onChange((text) => changes.push(text));
	return { reread, troubles, changes };
}

test("Reread has what a file says, and tells when that is something else", async () => {
	const { reread, changes } = open();
	expect(reread.value).toBe("one");
	await reread.look();
	changes.length = 0;
	await reread.look();
	expect(changes).toEqual([]);
	writeFileSync(PATH, "two");
	await reread.look();
	expect([reread.value, changes]).toEqual(["two", ["two"]]);
});

test("Reread keeps what was good, and tells of trouble once, when it is there to stay", async () => {
	const { reread, troubles } = open();
	writeFileSync(PATH, "bad");
	await reread.look();
	expect(troubles).toEqual([]);
	await reread.look();
	await reread.look();
	expect([reread.value, troubles]).toEqual(["one", ["it is bad"]]);
	rmSync(PATH);
	for (let i = 0; i < 3; i++) await reread.look();
	expect(reread.value).toBe("one");
	expect(troubles).toEqual([
		"it is bad",
		`cannot open ${PATH}: no such file or folder`,
	]);
	writeFileSync(PATH, "three");
	await reread.look();
	expect(reread.value).toBe("three");
	writeFileSync(PATH, "bad");
	for (let i = 0; i < 3; i++) await reread.look();
	expect(troubles).toHaveLength(3);
});

test("Reread fails at the start as its reader does", () => {
	const read = () => {
		throw fail("INVALID", "no");
	};
	expect(
		() => new Reread({ paths: [PATH], read, trouble: () => undefined }),
	).toThrow("no");
});
