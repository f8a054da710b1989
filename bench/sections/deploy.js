import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { MLSHIP, measureCommand } from "../child.js";
import { HOME } from "../place.js";
import { median, row, skipped } from "../table.js";

const run = promisify(execFile);
const TAG = "mlship-bench/digits:1";

/** Images of models/digits by the daemon that is there, and manifests without a cluster. */
export async function measureDeploy(place) {
	const cwd = mkdtempSync(join(tmpdir(), "mlship-bench-deploy-"));
	cpSync(join(HOME, "models"), join(cwd, "models"), { recursive: true });
	try {
		return [...(await imageRows(cwd, place)), await manifestRow(place)];
	} finally {
		rmSync(cwd, { recursive: true, force: true });
	}
}

async function imageRows(cwd, { rounds }) {
	const base = process.env.MLSHIP_BASE ?? "node:22-bookworm-slim";
	const deploy = async (...args) => {
		const words = ["deploy", "docker", "--tag", TAG, "--base", base, "--json"];
		const { stdout } = await mlship(cwd, [...words, ...args]);
		return JSON.parse(stdout);
	};
	let first;
	try {
		first = await deploy();
	} catch {
		return [skipped("deploy", "image of digits", `no daemon with ${base}`)];
	}
	const bytes = sum(first.layers) / 1e6;
	const largest = first.layers.filter(({ bytes: size }) => size >= 1e6);
	cpSync(join(cwd, "models/digits/2"), join(cwd, "models/digits/3"), {
		recursive: true,
	});
	const second = await deploy("--versions", "all");
	const before = new Set(first.layers.map(({ title }) => title));
	const added = sum(second.layers.filter(({ title }) => !before.has(title)));
	const ready = [];
	for (let i = 0; i < rounds; i++) {
		const { run: trial } = await deploy("--run");
		ready.push(trial.readyMs / 1000);
		await run("docker", ["rm", "--force", trial.container]).catch(
			() => undefined,
		);
	}
	const seconds = median(ready);
	return [
		row("deploy", "image of digits, above its base", {
			figure: `${largest.map(({ title, bytes: size }) => `${title} ${Math.round(size / 1e6)}`).join(", ")} MB`,
			ratio: bytes,
			atMost: 160,
			unit: " MB",
		}),
		row("deploy", "a new version of digits, layers that are new", {
			figure: `${(added / 1e3).toFixed(0)} kB`,
			ratio: added / 1e6,
			atMost: 1,
			unit: " MB",
		}),
		row("deploy", "container of digits, from its start until it is ready", {
			figure: `${seconds.toFixed(2)} s`,
			ratio: seconds,
			atMost: 3,
			unit: " s",
		}),
	];
}

/** How long manifests take, without a cluster or kubectl. */
async function manifestRow({ rounds }) {
	const words = ["deploy", "k8s", join(HOME, "models/digits")];
	const times = [];
	for (let i = 0; i < rounds * 2; i++)
		times.push(
			(
				await measureCommand(process.execPath, [
					...[MLSHIP, ...words, "--nodes", "5", "--dry-run"],
				])
			).seconds * 1000,
		);
	return row("deploy", "deploy k8s --dry-run, digits", {
		figure: `${median(times).toFixed(0)} ms`,
		ratio: median(times),
		atMost: 1000,
		unit: " ms",
	});
}

function mlship(cwd, args) {
	return run(process.execPath, [MLSHIP, ...args], { cwd, maxBuffer: 2 ** 26 });
}

function sum(layers) {
	return layers.reduce((total, { bytes }) => total + bytes, 0);
}
