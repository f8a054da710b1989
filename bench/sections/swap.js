import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { modelFolder } from "../models.js";
import { writeQuestion } from "../questions.js";
import { predictUrl, serve } from "../serving.js";
import { row, skipped } from "../table.js";
import { SUBJECTS } from "./predict.js";

const CONNECTIONS = { digits: 16, mobilenet_v2: 4 };

/** Times the steady one. */
const MOST = 3;

/** Swaps that are measured; the time before them is as long as they are together. */
const SWAPS = { full: 6, quick: 2 };
const STEADY_MS = 1500;

/** What clients feel of a new version: the slowest hundredth of requests while it loads and takes over, against the time before. */
export async function measureSwap(place) {
	const rows = [];
	for (const model of Object.keys(CONNECTIONS))
		rows.push(...(await measureModel(model, place)));
	return rows;
}

async function measureModel(model, place) {
	const source = await modelFolder(model, place);
	if (source === undefined)
		return [skipped("swap", model, "no TensorFlow to make the model")];
	const folder = mkdtempSync(join(tmpdir(), "mlship-bench-"));
	const base = join(folder, model);
	const copy = (version) => {
		cpSync(source, join(folder, "copy"), { recursive: true });
		renameSync(join(folder, "copy"), join(base, String(version)));
	};
	cpSync(source, join(base, "1"), { recursive: true });
	const server = await serve([base, "--versions=1"]);
	try {
		const { file } = writeQuestion(model, place);
		const url = predictUrl(server, join(base, "1"));
		const client = startClient(url, file, CONNECTIONS[model]);
		await pause(2 * STEADY_MS);
		const windows = { steady: [], swapping: [] };
		const swaps = place.rounds > 1 ? SWAPS.full : SWAPS.quick;
		for (let version = 2; version < 2 + swaps; version++) {
			const start = Date.now();
			await pause(STEADY_MS);
			windows.steady.push([start, Date.now()]);
			copy(version);
			windows.swapping.push(await swapped(server, model, version));
		}
		const report = await client.stop();
		return summary(model, windows, report);
	} finally {
		await server.stop();
		rmSync(folder, { recursive: true });
	}
}

/** From when a version is being loaded until the one before it is gone. */
async function swapped({ url }, model, version) {
	let start;
	for (;;) {
		const response = await fetch(`${url}/v1/models/${model}`);
		const { model_version_status: all } = await response.json();
		const wanted = all.find((one) => one.version === String(version));
		if (wanted !== undefined) start ??= Date.now();
		if (wanted?.state === "AVAILABLE" && all.length === 1)
			return [start, Date.now()];
		if (wanted?.state === "END")
			throw new Error(`${model} did not load: ${JSON.stringify(wanted)}`);
		await pause(10);
	}
}

function summary(model, windows, { starts, latencies, errors }) {
	const p99 = (spans) => {
		const inside = latencies.filter((latency, i) =>
			spans.some(
				([from, to]) => starts[i] + latency >= from && starts[i] <= to,
			),
		);
		return inside.sort((a, b) => a - b)[Math.floor(inside.length * 0.99)];
	};
	const steady = p99(windows.steady);
	const swapping = p99(windows.swapping);
	const spans = windows.swapping.map(([from, to]) => to - from);
	const what = `${model}, ${CONNECTIONS[model]} connections`;
	return [
		row(
			"swap",
			`${what}, p99 while a version loads and takes over, over the p99 before`,
			{
				figure: `${swapping.toFixed(1)} ms in ${spans.length} swaps of ${Math.round(Math.max(...spans))} ms at most vs ${steady.toFixed(1)} ms`,
				ratio: swapping / steady,
				atMost: MOST,
			},
		),
		row("swap", `${what}, requests that failed`, {
			figure: `${errors} of ${latencies.length + errors}`,
			ratio: errors,
			atMost: 0,
			unit: "",
		}),
	];
}

function startClient(url, file, connections) {
	const child = spawn(
		process.execPath,
		[join(SUBJECTS, "steady_client.js"), url, file, String(connections)],
		{ stdio: ["pipe", "pipe", "inherit"] },
	);
	const parts = [];
	child.stdout.on("data", (data) => parts.push(data));
	const ended = new Promise((resolve) => child.on("close", resolve));
	return {
		stop: async () => {
			child.stdin.end();
			await ended;
			return JSON.parse(Buffer.concat(parts).toString());
		},
	};
}

function pause(milliseconds) {
	return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
