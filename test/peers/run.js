#!/usr/bin/env node
/**
 * `npm run test:peers -- [FOLDER…]`: converts SavedModels to every target and has the results read by what others wrote, with
 * answers compared. Without folders, files of Keras are exported too, and loaded and asked by TensorFlow. Without folders: models and fixtures/models. MLSHIP_PYTHON names a Python that has TensorFlow, and
 * MLSHIP_ONNX_PYTHON one that has onnx and onnxruntime (else the same, else python3). Readers that are absent are skipped by
 * name. Ends with 1 where a result is not read, or answers otherwise.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { convertModel } from "./convert.js";
import { readExported } from "./exported.js";
import { knownReason } from "./known.js";
import { findModels } from "./models.js";
import { convertQuantized } from "./quantized.js";
import { READERS, readJobs } from "./readers.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const given = process.argv.slice(2);
const folders =
	given.length > 0
		? given
		: ["models", "fixtures/models"].map((name) => join(ROOT, name));
const folder = mkdtempSync(join(tmpdir(), "mlship-peers-"));
try {
	const jobs = [];
	for (const [number, model] of folders.flatMap(findModels).entries())
		jobs.push(
			...(await convertModel(
				model,
				Object.keys(READERS),
				join(folder, `${number}`),
			)),
		);
	jobs.push(...(await convertQuantized(folders.flatMap(findModels), folder)));
	let failed = 0;
	for (const target of Object.keys(READERS))
		failed += await readTarget(
			target,
			jobs.filter((job) => job.target === target),
		);
	if (given.length === 0) failed += await readExported(folder);
	process.exitCode = failed > 0 ? 1 : 0;
} finally {
	rmSync(folder, { recursive: true });
}

/** Returns how many results are not read as they should be. */
async function readTarget(target, jobs) {
	const { title } = READERS[target];
	const made = jobs.filter(({ refused }) => refused === undefined);
	console.log(`\n${target}: ${made.length} of ${jobs.length} signatures`);
	for (const { id, refused } of jobs)
		if (refused !== undefined) console.log(`  not made ${id}: ${refused}`);
	const { lacks, verdicts } = await readJobs(target, made, folder);
	if (lacks !== undefined) console.log(`skipped ${title}: ${lacks}`);
	const failed = verdicts.filter(({ error }) => error !== undefined);
	const wrong = failed.filter(({ id }) => !knownReason(target, id));
	for (const { id, error } of failed) {
		const reason = knownReason(target, id);
		console.log(
			`  ${reason ? `known ${id}: ${reason};` : `WRONG ${id}:`} ${error}`,
		);
	}
	const worst = Math.max(0, ...verdicts.map((verdict) => verdict.worst ?? 0));
	if (verdicts.length > 0)
		console.log(
			`${verdicts.length - failed.length} read by ${title}; answers are at most ${worst.toPrecision(2)} of an output's largest number off`,
		);
	return wrong.length;
}
