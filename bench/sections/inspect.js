import { dirname, join } from "node:path";
import { MLSHIP, measureCommand } from "../child.js";
import { modelFolder } from "../models.js";
import { median, row, skipped } from "../table.js";

/** A cold look at a model of 100 MB against TensorFlow's own tool. */
export async function measureInspect(place) {
	const what = "inspect --all, ResNet50";
	const folder = await modelFolder("resnet50", place);
	if (folder === undefined || place.python === undefined)
		return [
			skipped(
				"inspect",
				what,
				"no TensorFlow to make the model and to compare with",
			),
		];
	const cli = join(dirname(place.python), "saved_model_cli");
	const ours = [];
	const theirs = [];
	for (let i = 0; i < place.rounds; i++) {
		ours.push(
			await measureCommand(process.execPath, [
				MLSHIP,
				"inspect",
				folder,
				"--all",
			]),
		);
		theirs.push(await measureCommand(cli, ["show", "--dir", folder, "--all"]));
	}
	const mine = seconds(ours);
	const other = seconds(theirs);
	return [
		row("inspect", `${what} vs saved_model_cli`, {
			figure: `${(mine * 1000).toFixed(0)} ms vs ${(other * 1000).toFixed(0)} ms`,
			ratio: other / mine,
			goal: 20,
		}),
		...peakRow(what, ours, theirs),
	];
}

function seconds(measured) {
	return median(measured.map((one) => one.seconds));
}

function peakRow(what, ours, theirs) {
	const peaks = ours.map(({ peak }) => peak);
	if (peaks.includes(undefined))
		return [skipped("inspect", `${what}, peak memory`, "no GNU time")];
	const peak = Math.max(...peaks);
	return [
		row("inspect", `${what}, peak memory`, {
			figure: `${peak.toFixed(0)} MB vs ${median(theirs.map((one) => one.peak)).toFixed(0)} MB`,
			ratio: peak,
			atMost: 150,
			unit: " MB",
		}),
	];
}
