import { MLSHIP, measureCommand } from "../child.js";
import { median, row } from "../table.js";

/** How long a person waits for the smallest thing that mlship does. */
export async function measureVersion({ rounds }) {
	const times = [];
	for (let i = 0; i < rounds * 2; i++)
		times.push(
			(await measureCommand(process.execPath, [MLSHIP, "--version"])).seconds *
				1000,
		);
	return [
		row("version", "mlship --version", {
			figure: `${median(times).toFixed(0)} ms`,
			ratio: median(times),
			atMost: 150,
			unit: " ms",
		}),
	];
}
