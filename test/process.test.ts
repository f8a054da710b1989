import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const start = (...args: string[]) =>
	spawn(process.execPath, ["bin/mlship.js", ...args]);

test("the reader of a pipe may leave early", async () => {
	const { stderr } = await promisify(execFile)("bash", [
		"-o",
		"pipefail",
		"-c",
		`"${process.execPath}" bin/mlship.js inspect fixtures/models --all | head -1`,
	]);
	expect(stderr).toBe("");
});

test.each([
	["SIGTERM", 143],
	["SIGINT", 130],
] as const)(
	"%s lets a server finish and ends with status %d",
	async (signal, status) => {
		const server = start("serve", "./models/digits", "--rest-api-port", "0");
		await once(server.stdout, "data");
		server.kill(signal);
		expect(await once(server, "exit")).toEqual([status, null]);
	},
);

test("a signal ends at once a command that has nothing to finish", async () => {
	// waits for a request on stdin, for ever
	const command = start("predict", "./models/digits", "--request", "-");
	await once(command, "spawn");
	await new Promise((resolve) => setTimeout(resolve, 500));
	command.kill("SIGINT");
	expect(await once(command, "exit")).toEqual([null, "SIGINT"]);
});
