import { existsSync } from "node:fs";
import { join } from "node:path";
import { measureSubject } from "../child.js";
import { modelFolder } from "../models.js";
import { median, row, skipped } from "../table.js";
import { SUBJECTS } from "./predict.js";

/** Times the bytes of the weights, above an idle Node. */
const MOST_AT_PEAK = 3.5;
const MOST_LOADED = 2;

const SUBJECT = join(SUBJECTS, "memory_mlship.js");

/** What a model takes while it is loaded on one worker, and afterwards. */
export async function measureMemory(place) {
	if (!existsSync("/proc/self/status"))
		return [skipped("memory", "models", "no /proc to read memory from")];
	const rows = [];
	for (const name of ["resnet50", "vgg16"])
		rows.push(...(await measureModel(name, place)));
	return rows;
}

async function measureModel(name, place) {
	const folder = await modelFolder(name, place);
	if (folder === undefined)
		return [skipped("memory", name, "no TensorFlow to make the model")];
	const samples = [];
	for (let i = 0; i < place.rounds; i++)
		samples.push(await measureSubject(process.execPath, [SUBJECT, folder]));
	const [{ weights }] = samples;
	const line = (what, key, atMost) => {
		const above = median(samples.map((sample) => sample[key] - sample.idle));
		return row("memory", `${name}, ${what}, over its weights`, {
			figure: `${megabytes(above)} above an idle Node for ${megabytes(weights)}`,
			ratio: above / weights,
			atMost,
		});
	};
	return [
		line("peak while loading", "peak", MOST_AT_PEAK),
		line("loaded", "loaded", MOST_LOADED),
	];
}

function megabytes(bytes) {
	return `${Math.round(bytes / 1e6)} MB`;
}
