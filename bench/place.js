import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's folder. */
export const HOME = fileURLToPath(new URL("..", import.meta.url));

/**
 * What there is to measure with. Where a Python is missing its rows are skipped by name.
 * - `python`: TensorFlow's, with saved_model_cli and the servers' packages beside it (`MLSHIP_BENCH_PYTHON`)
 * - `tf2onnx`: tf2onnx's, which does not share an environment with a new TensorFlow (`MLSHIP_BENCH_TF2ONNX`)
 * - `cache`: where big models are kept (`MLSHIP_BENCH_CACHE`)
 * - `rounds`: how often each subject is measured, in turn with the others; medians are printed
 */
export function findPlace({ quick }) {
	const peers =
		process.env.MLSHIP_BENCH_PEERS ?? join(homedir(), ".cache/mlship-peers");
	const cache = process.env.MLSHIP_BENCH_CACHE ?? join(HOME, "bench/.cache");
	mkdirSync(cache, { recursive: true });
	// the command line runs from the bundle, the subjects in process from dist
	if (!["dist/main.js", "bundle/main.js"].every(isBuilt)) {
		console.error(
			"error: cannot measure mlship: it is not built\nhint: run npm run build",
		);
		process.exit(1);
	}
	return {
		python: existing(
			process.env.MLSHIP_BENCH_PYTHON ?? join(peers, "tf/bin/python"),
		),
		tf2onnx: existing(
			process.env.MLSHIP_BENCH_TF2ONNX ?? join(peers, "tfjs/bin/python"),
		),
		cache,
		rounds: quick ? 1 : 3,
		runs: quick ? 3 : 50,
		seconds: quick ? 1 : 3,
		say: (text) => console.error(text),
	};
}

function isBuilt(path) {
	return existsSync(join(HOME, path));
}

function existing(path) {
	return existsSync(path) ? path : undefined;
}
