import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { HOME } from "./place.js";

export const MLSHIP = join(HOME, "bin/mlship.js");

/** TensorFlow's chatter costs time to write and says nothing here. */
const ENV = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3", CI: "1" };
const TIME = "/usr/bin/time";
const run = promisify(execFile);

/** Runs a command to its end: seconds on the clock, peak memory in MB (undefined without GNU time), and its output. */
export async function measureCommand(command, args) {
	const folder = mkdtempSync(join(tmpdir(), "mlship-bench-"));
	const report = join(folder, "time");
	const timed = existsSync(TIME)
		? [TIME, ["-f", "%M", "-o", report, command, ...args]]
		: [command, args];
	try {
		const start = performance.now();
		const { stdout } = await run(timed[0], timed[1], {
			env: ENV,
			maxBuffer: 2 ** 28,
		});
		const seconds = (performance.now() - start) / 1000;
		const peak = existsSync(report)
			? Number(readFileSync(report, "utf8").trim()) / 1024
			: undefined;
		return { seconds, peak, stdout };
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** Runs a subject of bench/subjects, which prints one line of JSON. */
export async function measureSubject(command, args) {
	const { stdout } = await measureCommand(command, args);
	const line = stdout.split("\n").find((text) => text.startsWith("{"));
	return JSON.parse(line);
}

/** Seconds from the start of a process to the first line of its output that begins with `{`. */
export function secondsToAnswer(command, args) {
	const start = performance.now();
	const child = spawn(command, args, {
		env: ENV,
		stdio: ["ignore", "pipe", "ignore"],
	});
	return new Promise((resolve, reject) => {
		child.stdout.on("data", (data) => {
			if (!String(data).includes("{")) return;
			resolve((performance.now() - start) / 1000);
			child.kill("SIGKILL");
		});
		child.on("exit", (code) =>
			reject(new Error(`${command} ${args.join(" ")} ended with ${code}`)),
		);
	});
}

/** Starts a server and waits until `isReady` says so; returns its process id and how to stop it. */
export async function startServer(command, args, env, isReady) {
	const child = spawn(command, args, {
		env: { ...ENV, ...env },
		stdio: ["ignore", "ignore", "pipe"],
	});
	let errors = "";
	child.stderr.on("data", (data) => {
		errors = (errors + data).slice(-2000);
	});
	for (let tries = 0; tries < 300; tries++) {
		if (child.exitCode !== null)
			throw new Error(`${command} ${args.join(" ")} ended: ${errors}`);
		if (await isReady()) return { pid: child.pid, stop: () => stop(child) };
		await new Promise((resolve) => setTimeout(resolve, 200));
	}
	await stop(child);
	throw new Error(`${command} ${args.join(" ")} does not answer: ${errors}`);
}

function stop(child) {
	return new Promise((resolve) => {
		if (child.exitCode !== null) return resolve();
		child.on("exit", resolve);
		child.kill("SIGTERM");
		setTimeout(() => child.kill("SIGKILL"), 5000).unref();
	});
}

/** A port that was free a moment ago. */
export function freePort() {
	return new Promise((resolve) => {
		const server = createServer().listen(0, "127.0.0.1", () => {
			const { port } = server.address();
			server.close(() => resolve(port));
		});
	});
}
