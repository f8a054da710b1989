import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { exportNetwork } from "../../dist/lib/keras/export.js";
import { openKerasFile } from "../../dist/lib/keras/open.js";
import { writeSavedModel } from "../../dist/lib/savedmodel/write/model.js";

const PYTHON = process.env.MLSHIP_PYTHON ?? "python3";
const SCRIPT = fileURLToPath(new URL("exported_files.py", import.meta.url));
const FIXTURES = fileURLToPath(
	new URL("../../fixtures/keras", import.meta.url),
);
const SKIPPED = 77;
/** Each that many is written with variables, and shown and run by saved_model_cli. */
const SOMETIMES = 12;

/** Exports the files of fixtures/keras and has TensorFlow load and ask them. Returns how many are wrong. */
export async function readExported(folder) {
	const jobs = [];
	let refused = 0;
	for (const { id, file, cases } of kerasFiles(folder)) {
		const dir = join(folder, "exported", String(jobs.length));
		const isChosen = jobs.length % SOMETIMES === 0;
		try {
			await exportTo(dir, file, isChosen);
			jobs.push({ id, dir, cases, cli: isChosen });
		} catch {
			refused++;
		}
	}
	console.log(`\nexport: ${jobs.length} networks, ${refused} are refused`);
	const list = join(folder, "exported.json");
	writeFileSync(list, JSON.stringify(jobs));
	const { status, stdout, error } = spawnSync(PYTHON, [SCRIPT, list], {
		encoding: "utf8",
		maxBuffer: 2 ** 26,
	});
	const lines = (stdout ?? "")
		.split("\n")
		.filter((line) => line.startsWith("{"))
		.map((line) => JSON.parse(line));
	if (error !== undefined || status === SKIPPED) {
		const reason = error?.message ?? lines[0]?.lacks;
		console.log(`skipped TensorFlow: ${reason}`);
		return 0;
	}
	const wrong = lines.filter((line) => line.error !== undefined);
	for (const { id, error: reason } of wrong)
		console.log(`  WRONG ${id}: ${reason}`);
	const read = lines.length - wrong.length;
	console.log(
		`${read} are loaded by TensorFlow, by tf.saved_model.load and in a session as TensorFlow Serving does, and answer as Keras`,
	);
	return jobs.length - read;
}

async function exportTo(dir, path, variables) {
	const file = await openKerasFile(path);
	try {
		writeSavedModel(dir, exportNetwork(file).graph, { variables });
	} finally {
		file.close();
	}
}

function kerasFiles(folder) {
	return ["keras2", "keras3"].flatMap((generation) =>
		readdirSync(join(FIXTURES, generation)).flatMap((archive) => {
			const family = basename(archive, ".tar.gz");
			const place = join(folder, generation, family);
			mkdirSync(place, { recursive: true });
			const from = join(FIXTURES, generation, archive);
			execFileSync("tar", ["xzf", from, "-C", place]);
			return readdirSync(place)
				.filter((name) => name.endsWith(".keras"))
				.map((name) => ({
					id: `${generation} ${family}/${basename(name, ".keras")}`,
					file: join(place, name),
					cases: join(place, name.replace(/\.keras$/, ".json")),
				}));
		}),
	);
}
