import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
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

test.each(["SIGTERM", "SIGINT"] as const)(
	"%s lets a server finish, which is then no failure",
	async (signal) => {
		const server = start(
			"serve",
			"./models/digits",
			"--rest-api-port",
			"0",
			"--port",
			"0",
		);
		await once(server.stdout, "data");
		server.kill(signal);
		expect(await once(server, "exit")).toEqual([0, null]);
	},
);

test.each([
	["SIGTERM", 143],
	["SIGINT", 130],
] as const)(
	"a second %s ends a server at once, with status %d",
	async (signal, status) => {
		const server = start(
			"serve",
			"./models/digits",
			"--rest-api-port",
			"0",
			"--port",
			"0",
		);
		const [told] = (await once(server.stdout, "data")) as [Buffer];
		const port = Number(/127\.0\.0\.1:(\d+)/.exec(told.toString())?.[1]);
		// a request that never ends
		const client = connect(port, "127.0.0.1");
		client.on("error", () => {});
		client.write("POST /v1/models/digits:predict HTTP/1.1\r\nHost: h\r\n");
		await once(client, "connect");
		server.kill(signal);
		await once(server.stderr, "data");
		server.kill(signal);
		expect(await once(server, "exit")).toEqual([status, null]);
	},
);

test("a server ends when the shell that npx put before it is gone", async () => {
	const shell = spawn(
		"sh",
		[
			"-c",
			`"${process.execPath}" bin/mlship.js serve ./models/digits --rest-api-port 0 --port 0; true`,
		],
		{ env: { ...process.env, npm_command: "exec" } },
	);
	await once(shell.stdout, "data");
	shell.kill("SIGKILL");
	// the server holds the shell's streams until it ends
	await once(shell, "close");
});

test("a signal ends at once a command that has nothing to finish", async () => {
	// waits for a request on stdin, for ever
	const command = start("predict", "./models/digits", "--request", "-");
	await once(command, "spawn");
	await new Promise((resolve) => setTimeout(resolve, 500));
	command.kill("SIGINT");
	expect(await once(command, "exit")).toEqual([null, "SIGINT"]);
});
