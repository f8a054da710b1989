import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MLSHIP, measureCommand } from "../child.js";
import { modelFolder } from "../models.js";
import { median, row } from "../table.js";

const VERSIONS = 200;

/** How long a person waits for the smallest thing that mlship does, and for a list of what a repository has. */
export async function measureVersion(place) {
	const root = mkdtempSync(join(tmpdir(), "mlship-bench-"));
	try {
		const source = await modelFolder("digits", place);
		for (let version = 1; version <= VERSIONS; version++)
			cpSync(source, join(root, "digits", String(version)), {
				recursive: true,
			});
		return [
			await measure("mlship --version", ["--version"], 150, place),
			await measure(
				`mlship version list, ${VERSIONS} versions`,
				["version", "list", root],
				300,
				place,
			),
		];
	} finally {
		rmSync(root, { recursive: true });
	}
}

async function measure(what, words, atMost, { rounds }) {
	const times = [];
	for (let i = 0; i < rounds * 2; i++)
		times.push(
			(await measureCommand(process.execPath, [MLSHIP, ...words])).seconds *
				1000,
		);
	return row("version", what, {
		figure: `${median(times).toFixed(0)} ms`,
		ratio: median(times),
		atMost,
		unit: " ms",
	});
}
