import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MLSHIP, measureCommand } from "../child.js";
import { median, row, skipped } from "../table.js";
import { SUBJECTS } from "./predict.js";

const SCRIPT = join(SUBJECTS, "keras_files.py");
/** Python takes ten seconds and more. */
const MOST_ROUNDS = 2;
const MB = 2 ** 20;

/** A file of 105 MB by itself, and MobileNetV2 against Python's model.export. */
export async function measureExport({ python, rounds }) {
	if (python === undefined)
		return [skipped("export", "Keras files", "no TensorFlow to make them")];
	const folder = mkdtempSync(join(tmpdir(), "mlship-bench-export-"));
	try {
		const make = async (name) => {
			const file = join(folder, `${name}.keras`);
			await measureCommand(python, [SCRIPT, name, file]);
			return file;
		};
		const large = await make("large");
		const mobile = await make("MobileNetV2");
		const ours = async (file, out) => {
			const args = [MLSHIP, "export", file, "--out", join(folder, out)];
			return measureCommand(process.execPath, args);
		};
		const [alone, mine, theirs] = [[], [], []];
		for (let i = 0; i < Math.min(rounds, MOST_ROUNDS); i++) {
			alone.push(await ours(large, "large"));
			mine.push(await ours(mobile, "mobile"));
			const args = [SCRIPT, "export", mobile, join(folder, `python${i}`)];
			theirs.push(await measureCommand(python, args));
		}
		return [
			...largeRows(alone, statSync(large).size / MB),
			row("export", "MobileNetV2 vs Python's model.export", {
				figure: `${show(mine)} vs ${show(theirs)}`,
				ratio: seconds(theirs) / seconds(mine),
				goal: 4,
			}),
		];
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

function largeRows(measured, megabytes) {
	const what = `a .keras file of ${megabytes.toFixed(0)} MB`;
	const peaks = measured.map(({ peak }) => peak);
	return [
		row("export", what, {
			figure: show(measured),
			ratio: seconds(measured),
			atMost: 3,
			unit: " s",
		}),
		peaks.includes(undefined)
			? skipped("export", `${what}, peak memory`, "no GNU time")
			: row("export", `${what}, peak memory over its bytes`, {
					figure: `${Math.max(...peaks).toFixed(0)} MB`,
					ratio: Math.max(...peaks) / megabytes,
					atMost: 2.5,
				}),
	];
}

function seconds(measured) {
	return median(measured.map((one) => one.seconds));
}

function show(measured) {
	return `${seconds(measured).toFixed(2)} s`;
}
