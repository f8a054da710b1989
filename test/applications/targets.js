import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { saveSection } from "../../bench/results.js";
import { renderColumns } from "../../bench/table.js";
import { readNpy } from "../../dist/lib/tensor/npy.js";
import { convertModel } from "../peers/convert.js";
import { findModels } from "../peers/models.js";
import { READERS, readJobs } from "../peers/readers.js";
import { differences } from "./differences.js";

const TARGETS = Object.keys(READERS);
const COLUMNS = ["network", ...TARGETS];

/**
 * Networks converted to every target, and asked TensorFlow's questions by what others wrote: a table of how far the answers are off.
 * `limit` is how far they may be. Returns whether all are that close.
 */
export async function compareTargets(dir, names, { limit, save }) {
	const rows = [];
	const lacking = new Map();
	for (const network of names) {
		const folder = mkdtempSync(join(tmpdir(), "mlship-applications-"));
		try {
			rows.push({ network, ...(await cellsOf(join(dir, network), folder)) });
		} finally {
			rmSync(folder, { recursive: true });
		}
		console.error(Object.values(rows.at(-1)).join("  "));
	}
	console.log(renderColumns(COLUMNS, rows));
	for (const [target, lacks] of lacking)
		console.log(`skipped ${READERS[target].title}: ${lacks}`);
	if (save) saveTable(rows, limit);
	return rows.every((row) =>
		TARGETS.every(
			(target) =>
				!(Number(row[target]) > limit || /^(wrong|refused)/.test(row[target])),
		),
	);

	async function cellsOf(model, folder) {
		const jobs = await convertModel(findModels(model)[0], TARGETS, folder);
		const cells = {};
		for (const job of jobs) cells[job.target] = await cellOf(job, folder);
		return cells;
	}

	async function cellOf(job, folder) {
		if (job.refused !== undefined) {
			console.error(job.refused);
			return "refused";
		}
		const { lacks, verdicts } = await readJobs(job.target, [job], folder);
		if (lacks !== undefined) {
			lacking.set(job.target, lacks);
			return "skipped";
		}
		if (verdicts[0].error !== undefined) return `wrong: ${verdicts[0].error}`;
		const [{ answers, expected }] = job.questions;
		const [wanted] = Object.values(expected);
		const made = readNpy(readFileSync(answers[0]));
		return differences(made, wanted).toExponential(1);
	}
}

function saveTable(rows, limit) {
	const readers = TARGETS.map(
		(target) => `${target} by ${READERS[target].title}`,
	);
	saveSection(
		"Networks of keras.applications, converted",
		`Made by \`npm run test:applications -- DIR --targets --save\` on ${new Date().toISOString().slice(0, 10)}: how far the answers of converted networks are from
TensorFlow's, as a part of their spread; ${limit} is allowed. Read by what others wrote: ${readers.join("; ")}.

${renderColumns(COLUMNS, rows)}
`,
	);
}
