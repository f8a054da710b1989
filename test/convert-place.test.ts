import { spawn } from "node:child_process";
import { once } from "node:events";
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	rmSync,
	utimesSync,
	watch,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCli } from "./run-cli.js";

const digits = join(process.cwd(), "models/digits/2");
const main = join(process.cwd(), "bin/mlship.js");

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "mlship-place-"));
});
afterEach(() => {
	rmSync(folder, { recursive: true });
});

const convert = (...args: string[]) =>
	runCli(["convert", digits, "--no-verify", ...args], { cwd: folder });

/** Starts a conversion, and sends a signal as soon as its temporary folder is there. Gives the exit status or the signal. */
async function killed(signal: NodeJS.Signals): Promise<number | string> {
	const seen = new Promise<void>((resolve) => {
		const watcher = watch(folder, (_, name) => {
			if (name?.startsWith(".mlship-") !== true) return;
			watcher.close();
			resolve();
		});
	});
	const child = spawn(
		process.execPath,
		[main, "convert", digits, "--target", "onnx", "--out", "out"],
		{ cwd: folder, stdio: "ignore" },
	);
	const ended = once(child, "exit");
	await seen;
	child.kill(signal);
	const [code, by] = await ended;
	return code ?? by;
}

test.each([
	["SIGINT", 130],
	["SIGTERM", 143],
] as const)(
	"a conversion that gets %s leaves nothing behind",
	async (signal, status) => {
		const code = await killed(signal);
		// it may have been done before the signal came
		if (code === 0) return;
		expect(code).toBe(status);
		expect(readdirSync(folder)).toEqual([]);
	},
);

test("what a killed conversion left is no model, and goes with a later one", async () => {
	const by = await killed("SIGKILL");
	if (by !== "SIGKILL") return;
	expect(existsSync(join(folder, "out"))).toBe(false);
	const [left] = readdirSync(folder);
	const hours = Date.now() / 1000 - 7200;
	utimesSync(join(folder, left), hours, hours);
	// another machine's may be at work
	const young = `.mlship-${2 ** 22 + 1}-00000000`;
	mkdirSync(join(folder, young));
	expect((await convert("--target", "web", "--out", "out")).code).toBe(0);
	expect(readdirSync(folder).sort()).toEqual([young, "out"]);
});

test("of two conversions to one place at once, one wins and the other is refused", async () => {
	const args = ["--target", "web", "--out", "out"];
	const both = await Promise.all([convert(...args), convert(...args)]);
	expect(both.map(({ code }) => code).sort()).toEqual([0, 2]);
	expect(both.map(({ stderr }) => stderr).join()).toContain("not empty");
	expect(readdirSync(folder)).toEqual(["out"]);
	const forced = await Promise.all([
		convert(...args, "--force"),
		convert(...args, "--force"),
	]);
	expect(forced.map(({ code }) => code)).toEqual([0, 0]);
	const names = ["group1-shard1of1.bin", "model.d.ts", "model.json"];
	expect(readdirSync(join(folder, "out")).sort()).toEqual(names);
});

// nobody, root neither, makes folders in /proc
test.runIf(existsSync("/proc/self")).each(["/proc/none/x.onnx", "/proc/none"])(
	"%s cannot be written, which is told at once",
	async (out) => {
		const { code, stderr } = await convert("--target", "onnx", "--out", out);
		expect(code, stderr).toBe(2);
		expect(stderr).toContain("cannot write /proc");
	},
);

test("--dry-run writes nothing, and looks at no place", async () => {
	writeFileSync(join(folder, "out"), "");
	const { code, stdout } = await convert(
		...["--target", "onnx", "--out", "out", "--dry-run"],
	);
	expect(code).toBe(0);
	expect(stdout).toContain("nothing was written");
	expect(readdirSync(folder)).toEqual(["out"]);
});
