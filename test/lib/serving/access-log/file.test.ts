import {
	appendFileSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openLogFile } from "../../../../src/lib/serving/access-log/file.js";

const folder = mkdtempSync(join(tmpdir(), "mlship-"));
afterAll(() => rmSync(folder, { recursive: true }));

const never = (message: string) => {
	throw new Error(message);
};

test("a log goes on where one from before ended", async () => {
	const path = join(folder, "kept.log");
	writeFileSync(path, "old\n");
	const file = await openLogFile(path, never);
	file.write("new\n");
	file.write("newer\n");
	await file.close();
	expect(readFileSync(path, "utf8")).toBe("old\nnew\nnewer\n");
});

test("a log that was moved away goes on under its name, and no line is lost", async () => {
	const path = join(folder, "moved.log");
	const file = await openLogFile(path, never);
	file.write("1\n");
	await until(() => readFileSync(path, "utf8") === "1\n");
	renameSync(path, `${path}.1`);
	appendFileSync(`${path}.1`, "by another\n");
	file.write("2\n");
	await file.close();
	expect(readFileSync(`${path}.1`, "utf8")).toBe("1\nby another\n");
	expect(readFileSync(path, "utf8")).toBe("2\n");
});

test("a log that cannot be written any more says so once, and goes on when it can", async () => {
	const path = join(folder, "gone", "away.log");
	mkdirSync(join(folder, "gone"));
	const said: string[] = [];
	const file = await openLogFile(path, (message) => said.push(message));
	rmSync(join(folder, "gone"), { recursive: true });
	file.write("1\n");
	await until(() => said.length > 0);
	file.write("2\n");
	await file.close();
	expect(said).toEqual([
		`cannot write the access log ${path}: cannot open ${path}: no such file or folder`,
	]);
});

test("a place that cannot be written is refused at the start", async () => {
	await expect(openLogFile(folder, never)).rejects.toMatchObject({
		code: "INVALID",
		message: expect.stringMatching(/^cannot write the access log: .*folder/),
	});
	const path = join(folder, "none", "at", "all.log");
	await expect(openLogFile(path, never)).rejects.toMatchObject({
		code: "NOT_FOUND",
	});
});

async function until(condition: () => boolean): Promise<void> {
	while (!condition())
		await new Promise((resolve) => {
			setImmediate(resolve);
		});
}
