import { join } from "node:path";
import { measureSubject } from "../child.js";
import { MODELS, modelFolder, onnxFile } from "../models.js";
import { HOME } from "../place.js";
import { median, row, skipped } from "../table.js";

/** How much faster than TensorFlow one prediction has to be. */
const GOALS = { digits: 3, mobilenet_v2: 2.5, resnet50: 1.4 };

/** How much slower than tf2onnx's file on the same runtime it may be. */
const MOST_OVER_ONNX = 1.1;

export const SUBJECTS = join(HOME, "bench/subjects");

/** One prediction inside a process that has the model loaded. */
export async function measurePredict(place) {
	const rows = [];
	for (const name of MODELS) rows.push(...(await measureModel(name, place)));
	return rows;
}

async function measureModel(name, place) {
	const folder = await modelFolder(name, place);
	if (folder === undefined)
		return [skipped("predict", name, "no TensorFlow to make the model")];
	const file = await onnxFile(name, place);
	const [node, runs] = [process.execPath, String(place.runs)];
	const times = await inTurn(place.rounds, {
		mlship: [node, join(SUBJECTS, "predict_mlship.js"), folder, runs],
		...(place.python && {
			tensorflow: [place.python, join(SUBJECTS, "predict_tf.py"), folder, runs],
		}),
		...(file && {
			onnx: [node, join(SUBJECTS, "predict_onnx.js"), file, runs],
		}),
	});
	return [
		times.tensorflow === undefined
			? skipped("predict", `${name} vs TensorFlow in Python`, "no TensorFlow")
			: row("predict", `${name} vs TensorFlow in Python`, {
					figure: figure(times.mlship, times.tensorflow),
					ratio: times.tensorflow / times.mlship,
					goal: GOALS[name],
				}),
		times.onnx === undefined
			? skipped("predict", `${name} vs tf2onnx's file`, "no tf2onnx")
			: row(
					"predict",
					`${name}, time over tf2onnx's file on the same ONNX Runtime`,
					{
						figure: figure(times.mlship, times.onnx),
						ratio: times.mlship / times.onnx,
						atMost: MOST_OVER_ONNX,
					},
				),
	];
}

/** The median of each subject, after so many rounds in which they take turns. */
export async function inTurn(rounds, subjects) {
	const times = Object.fromEntries(
		Object.keys(subjects).map((key) => [key, []]),
	);
	for (let i = 0; i < rounds; i++)
		for (const [key, [command, ...args]] of Object.entries(subjects))
			times[key].push((await measureSubject(command, args)).median);
	return Object.fromEntries(
		Object.entries(times).map(([key, values]) => [key, median(values)]),
	);
}

export function figure(mine, other) {
	return `${mine.toFixed(2)} ms vs ${other.toFixed(2)} ms`;
}
