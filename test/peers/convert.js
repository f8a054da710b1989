import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
	planConversion,
	writeConversion,
} from "../../dist/lib/convert/convert.js";
import { askRandomly } from "../../dist/lib/convert/verify/inputs.js";
import { copied } from "../../dist/lib/convert/verify/reference.js";
import { loadProgram } from "../../dist/lib/engines/index.js";
import {
	findMetaGraph,
	readSavedModel,
} from "../../dist/lib/savedmodel/read.js";
import { listSignatures } from "../../dist/lib/savedmodel/signature.js";
import { writeNpy } from "../../dist/lib/tensor/npy.js";

/**
 * Converts each signature of a model to each target, in folders of `folder`. Returns jobs for readers: {id, target, signature,
 * main, inputs, outputs, anyRank, questions}, ports in their order by name, anyRank where one takes any shape, questions as {inputs, answers: files by position, expected:
 * tensors}; or {id, target, refused} where there is no result. `settingsOf` says how a signature is converted.
 */
export async function convertModel(
	model,
	targets,
	folder,
	settingsOf = () => ({}),
) {
	const jobs = [];
	for (const signature of signaturesOf(model)) {
		let asked;
		for (const target of targets) {
			const job = { id: `${model.name}:${signature}`, target, signature };
			const place = join(folder, `${target}-${jobs.length}`);
			try {
				const { main, source } = await convert(
					model.dir,
					job,
					place,
					settingsOf(signature),
				);
				asked ??= await questionsTo(source.programs[0], model.cases);
				const ports = portsOf(source.programs[0]);
				const questions = writeQuestions(
					target === "web" ? asked.filter(fitsWeb) : asked,
					ports,
					place,
				);
				jobs.push({ ...job, ...ports, main, questions });
			} catch (error) {
				jobs.push({ ...job, refused: error.message });
			}
		}
	}
	return jobs;
}

/** Those that there are answers of, else all. */
function signaturesOf({ dir, cases }) {
	if (cases !== undefined)
		return [...new Set(cases.map(({ signature }) => signature))];
	const metaGraph = findMetaGraph(readSavedModel(dir));
	return listSignatures(metaGraph).map(({ key }) => key);
}

async function convert(dir, { target, signature }, out, settings) {
	const plan = await planConversion(dir, { target, signature, settings });
	const { main } = await writeConversion(plan, { out, verify: false });
	return { main, source: plan.source };
}

function portsOf({ inputs, outputs }) {
	const names = (ports) => ports.map(({ name }) => name);
	const anyRank = [...inputs, ...outputs].some(({ shape }) => !shape);
	return { inputs: names(inputs), outputs: names(outputs), anyRank };
}

/** TensorFlow.js has whole numbers of 32 bits, and no doubles. */
function fitsWeb({ inputs, expected }) {
	return [...Object.values(inputs), ...Object.values(expected)].every(
		({ dtype, data }) => data.every((one) => FITS[dtype]?.(one) ?? true),
	);
}

const FITS = {
	int64: (value) => BigInt.asIntN(32, value) === value,
	uint64: (value) => BigInt.asUintN(31, value) === value,
	uint32: (value) => value < 2 ** 31,
	float64: (value) =>
		Number.isFinite(Math.fround(value)) || !Number.isFinite(value),
};

/** TensorFlow's answers where there are some; else those of the source in mlship to random inputs, if it takes any. */
async function questionsTo(program, cases) {
	if (cases !== undefined)
		return cases
			.filter(({ signature }) => signature === program.signature)
			.map(({ inputs, outputs }) => ({
				inputs: named(inputs, program.inputs),
				expected: named(outputs, program.outputs),
			}));
	const source = await loadProgram(program, "auto", { workers: 0 });
	try {
		const run = (inputs) => source.run(copied(inputs));
		const asked = await askRandomly(program, run);
		return asked.map(({ inputs, outputs }) => ({ inputs, expected: outputs }));
	} catch {
		return [];
	} finally {
		await source.close();
	}
}

/** Answers that came without names belong to the only port. */
function named(tensors, ports) {
	const { "": only, ...rest } = tensors;
	return only === undefined ? rest : { [ports[0].name]: only };
}

function writeQuestions(asked, { inputs, outputs }, folder) {
	return asked.map(({ inputs: given, expected }, number) => {
		const place = join(folder, `question-${number}`);
		mkdirSync(place);
		const files = (names, kind) =>
			names.map((_, i) => join(place, `${kind}-${i}.npy`));
		const question = {
			inputs: files(inputs, "input"),
			answers: files(outputs, "answer"),
			expected,
		};
		for (const [i, path] of question.inputs.entries())
			writeFileSync(path, writeNpy(given[inputs[i]]));
		return question;
	});
}
