import { join } from "node:path";
import { secondsToAnswer } from "../child.js";
import { modelFolder } from "../models.js";
import { median, row, skipped } from "../table.js";
import { SUBJECTS } from "./predict.js";

/** From the start of a process to its first answer. */
export async function measureLoad(place) {
	const what = "start to first answer, ResNet50";
	const folder = await modelFolder("resnet50", place);
	if (folder === undefined)
		return [skipped("load", what, "no TensorFlow to make the model")];
	const mine = [];
	const theirs = [];
	for (let i = 0; i < place.rounds; i++) {
		mine.push(
			await secondsToAnswer(process.execPath, [
				join(SUBJECTS, "predict_mlship.js"),
				folder,
				"1",
			]),
		);
		if (place.python !== undefined)
			theirs.push(
				await secondsToAnswer(place.python, [
					join(SUBJECTS, "predict_tf.py"),
					folder,
					"1",
				]),
			);
	}
	const seconds = median(mine);
	return [
		row("load", what, {
			figure: `${seconds.toFixed(2)} s`,
			ratio: seconds,
			atMost: 2.5,
			unit: " s",
		}),
		theirs.length === 0
			? skipped("load", `${what} vs TensorFlow in Python`, "no TensorFlow")
			: row("load", `${what} vs TensorFlow in Python`, {
					figure: `${seconds.toFixed(2)} s vs ${median(theirs).toFixed(2)} s`,
					ratio: median(theirs) / seconds,
					goal: 3,
				}),
	];
}
