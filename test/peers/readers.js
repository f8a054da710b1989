import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { compareOutput } from "../../dist/lib/convert/verify/compare.js";
import { convertTensor } from "../../dist/lib/tensor/convert.js";
import { readNpy } from "../../dist/lib/tensor/npy.js";

const PYTHON = process.env.MLSHIP_PYTHON ?? "python3";
const ONNX_PYTHON = process.env.MLSHIP_ONNX_PYTHON ?? PYTHON;
const SKIPPED = 77;

/** What reads the results of a target: none of it is ours. */
export const READERS = {
	web: {
		title: "TensorFlow.js, tf.loadGraphModel over HTTP",
		command: process.execPath,
		script: scriptOf("web_files.js"),
	},
	lite: {
		title: "the TensorFlow Lite interpreter of TensorFlow's package",
		command: PYTHON,
		script: scriptOf("lite_files.py"),
	},
	onnx: {
		title: "the checker of the package onnx, and ONNX Runtime for Python",
		command: ONNX_PYTHON,
		script: scriptOf("onnx_files.py"),
	},
};

function scriptOf(name) {
	return fileURLToPath(new URL(name, import.meta.url));
}

/**
 * Has jobs of one target read. Returns {lacks, verdicts}: what the reader misses on this machine, if anything, and for each job
 * that was read its {id, error, worst}: why it was refused, or else how far the answers are off, in parts of the largest number.
 */
export async function readJobs(target, jobs, folder) {
	const found = { lacks: undefined, verdicts: [] };
	let left = jobs;
	while (left.length > 0) {
		const { lacks, lines, end } = await runReader(
			READERS[target],
			left,
			folder,
		);
		found.lacks ??= lacks;
		if (end === SKIPPED) return { lacks, verdicts: [] };
		for (const [i, { error }] of lines.entries())
			found.verdicts.push(verdictOf(left[i], error, found.lacks));
		left = left.slice(lines.length);
		if (left.length === 0) break;
		// one that ends with its reader is no reason to leave out the others
		found.verdicts.push({ id: left[0].id, error: `the reader ended: ${end}` });
		left = left.slice(1);
	}
	return found;
}

async function runReader({ command, script }, jobs, folder) {
	const list = join(folder, "jobs.json");
	writeFileSync(list, JSON.stringify(jobs.map(withoutTensors)));
	const reader = spawn(command, [script, list], {
		stdio: [
			"ignore",
			"pipe",
			process.env.MLSHIP_PEERS_DEBUG ? "inherit" : "ignore",
		],
	});
	const lines = [];
	let lacks;
	createInterface({ input: reader.stdout }).on("line", (line) => {
		if (!line.startsWith("{")) return;
		const said = JSON.parse(line);
		if ("lacks" in said) lacks = said.lacks;
		else lines.push(said);
	});
	try {
		const [code, signal] = await once(reader, "close");
		return { lacks, lines, end: code ?? signal };
	} catch (error) {
		return {
			lacks: `${command} cannot be run: ${error.message}`,
			lines,
			end: SKIPPED,
		};
	}
}

function withoutTensors({ questions, ...job }) {
	return {
		...job,
		questions: questions.map(({ inputs, answers }) => ({ inputs, answers })),
	};
}

/** A tenth of a percent is what is lost by computing in another order, in deep networks; halves have two to three digits. */
const LIMITS = { float16: 1e-2, bfloat16: 1e-2 };
const LIMIT = 1e-3;

function verdictOf({ id, outputs, questions, limit }, refusal, lacks) {
	if (refusal !== undefined) return { id, error: refusal };
	if (lacks !== undefined) return { id };
	let worst = 0;
	for (const { answers, expected } of questions)
		for (const [i, name] of outputs.entries()) {
			const wanted = expected[name];
			const actual = readNpy(readFileSync(answers[i]));
			const { isClose, relative, reason } = compareOutput(
				name,
				convertTensor(actual, wanted.dtype),
				wanted,
				limit ?? LIMITS[wanted.dtype] ?? LIMIT,
			);
			if (!isClose) return { id, error: `output "${name}" ${reason}` };
			worst = Math.max(worst, relative);
		}
	return { id, worst };
}
