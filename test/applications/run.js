#!/usr/bin/env node
/**
 * `npm run test:applications -- [DIR] [NAME…] [--keras] [--targets] [--save]`: every network of keras.applications in DIR (else in the folder that
 * MLSHIP_APPLICATIONS names) against TensorFlow's answers, on engine onnx. `fixtures/generate.py --applications DIR` makes
 * them. With --keras their .keras files are exported by mlship, and those are asked. With --targets they are converted, and their results asked as `npm run test:peers` does. Ends with 1 where a network is refused or is further off than LIMIT.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { saveSection } from "../../bench/results.js";
import { machine, renderColumns, round } from "../../bench/table.js";
import { compareTargets } from "./targets.js";

/** In the order of the table. */
const NAMES = [
	"MobileNet",
	"MobileNetV2",
	"MobileNetV3Small",
	"MobileNetV3Large",
	"EfficientNetB0",
	"EfficientNetV2B0",
	"EfficientNetV2S",
	"DenseNet121",
	"ResNet50",
	"ResNet101",
	"ResNet50V2",
	"ResNet101V2",
	"InceptionV3",
	"InceptionResNetV2",
	"Xception",
	"NASNetMobile",
	"ConvNeXtTiny",
	"VGG16",
	"VGG19",
];
/** How far an answer may be from TensorFlow's, as a part of the answers' spread. */
const LIMIT = 1e-3;
const COLUMNS = [
	"network",
	"weights",
	"error",
	"load",
	"peak",
	"predict",
	"verdict",
];
const PROGRAM = fileURLToPath(new URL("../../bin/mlship.js", import.meta.url));
const MODEL = fileURLToPath(new URL("model.js", import.meta.url));

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		keras: { type: "boolean", default: false },
		save: { type: "boolean", default: false },
		targets: { type: "boolean", default: false },
	},
});
const [dir = process.env.MLSHIP_APPLICATIONS, ...wanted] = positionals;
if (values.targets) {
	const names = NAMES.filter((name) => existsSync(join(dir ?? "", name)));
	if (dir === undefined) console.log(`skipped: ${reason()}`);
	const close = await compareTargets(dir, wanted.length > 0 ? wanted : names, {
		limit: LIMIT,
		save: values.save,
	});
	process.exit(close ? 0 : 1);
}
const rows = [];
for (const name of wanted.length > 0 ? wanted : NAMES) {
	rows.push(rowOf(name, await measure(name)));
	console.error(`${name}: ${rows.at(-1).verdict}`);
}
console.log(renderColumns(COLUMNS, rows));
if (values.save) save();
process.exitCode = rows.some(({ verdict }) => /^(refused|wrong)/.test(verdict))
	? 1
	: 0;

async function measure(name) {
	const folder = dir === undefined ? undefined : join(dir, name);
	if (folder === undefined || !existsSync(join(folder, "answers.npy")))
		return undefined;
	const { stdout } = await promisify(execFile)(process.execPath, [
		MODEL,
		folder,
		...(values.keras ? [await exported(name, folder)] : []),
	]).catch((error) => ({
		stdout: JSON.stringify({ refused: error.message }),
	}));
	return JSON.parse(stdout.trim().split("\n").at(-1));
}

/** What `mlship export` makes of a network's file. */
async function exported(name, folder) {
	const out = join(folder, "exported", "1");
	const file = join(folder, `${name}.keras`);
	const args = [PROGRAM, "export", file, "--out", out, "--force"];
	await promisify(execFile)(process.execPath, args);
	return out;
}

function rowOf(network, found) {
	const blank = Object.fromEntries(COLUMNS.map((name) => [name, ""]));
	if (found === undefined)
		return { ...blank, network, verdict: `skipped: ${reason()}` };
	const weights = found.weights ? `${round(found.weights)} MB` : "";
	if (found.refused !== undefined)
		return {
			...blank,
			network,
			weights,
			verdict: `refused: ${found.refused.split("\n")[0]}`,
		};
	const { error, load, peak, predict } = found;
	return {
		network,
		weights,
		error: error.toExponential(1),
		load: `${round(load)} s`,
		peak: `${round(peak)} MB`,
		predict: `${round(predict)} ms`,
		// NaN is no answer either
		verdict: error <= LIMIT ? "as TensorFlow" : "wrong",
	};
}

function reason() {
	return dir === undefined
		? "no folder given; make one with npm run fixtures -- --applications DIR"
		: `not in ${dir}`;
}

function save() {
	const count = rows.filter(({ verdict }) => verdict === "as TensorFlow");
	saveSection(
		values.keras
			? "Keras files of keras.applications"
			: "Networks of keras.applications",
		`Made by \`npm run test:applications -- DIR${values.keras ? " --keras" : ""} --save\` on ${new Date().toISOString().slice(0, 10)}: ${count.length} of ${rows.length} answer as TensorFlow does, their greatest
difference being at most ${LIMIT} of the spread of TensorFlow's answers (*error*). Weights are random, with statistics of batch
normalization as after a training; two pictures at the network's own size. *Load* is until the first question can be asked,
*peak* the memory until then above that of an idle Node, *predict* the median of one picture in one worker.

Machine: ${machine()}

${renderColumns(COLUMNS, rows)}
`,
	);
}
