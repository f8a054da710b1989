import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { HOME } from "./place.js";

const run = promisify(execFile);

/** The name of the load generator in use: wrk takes less of the processor than autocannon, so that more is measured. */
export const GENERATOR = (process.env.PATH ?? "")
	.split(delimiter)
	.some((folder) => existsSync(join(folder, "wrk")))
	? "wrk"
	: "autocannon";

/** Posts a file for some seconds: answers a second, p50 and p99 in milliseconds, and how many requests went wrong. */
export async function load(url, bodyFile, connections, seconds) {
	return GENERATORS[GENERATOR](url, bodyFile, connections, seconds);
}

const GENERATORS = { wrk: loadWithWrk, autocannon: loadWithAutocannon };

async function loadWithWrk(url, bodyFile, connections, seconds) {
	const { stdout } = await run(
		"wrk",
		[
			"-t1",
			`-c${connections}`,
			`-d${seconds}s`,
			"--timeout",
			"20s",
			"-s",
			join(HOME, "bench/load.lua"),
			url,
		],
		{ env: { ...process.env, BODY: bodyFile } },
	);
	const report = JSON.parse(
		stdout.split("\n").find((line) => line.startsWith("{")),
	);
	return {
		rate: report.requests / (report.microseconds / 1e6),
		p50: report.p50 / 1000,
		p99: report.p99 / 1000,
		errors: report.errors,
	};
}

async function loadWithAutocannon(url, bodyFile, connections, seconds) {
	const { stdout } = await run(process.execPath, [
		join(HOME, "node_modules/autocannon/autocannon.js"),
		...[
			"-c",
			connections,
			"-d",
			seconds,
			"-t",
			20,
			"-m",
			"POST",
			"-i",
			bodyFile,
		].map(String),
		...["-H", "content-type=application/json", "--json", "--no-progress", url],
	]);
	const report = JSON.parse(stdout);
	return {
		rate: report["2xx"] / report.duration,
		p50: report.latency.p50,
		p99: report.latency.p99,
		errors: report.errors + report.non2xx,
	};
}
