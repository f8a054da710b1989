import { join } from "node:path";
import { MLSHIP, measureCommand } from "../child.js";
import { HOME } from "../place.js";
import { median, row } from "../table.js";

/** How long manifests take, without a cluster or kubectl. */
export async function measureDeploy({ rounds }) {
	const words = ["deploy", "k8s", join(HOME, "models/digits")];
	const times = [];
	for (let i = 0; i < rounds * 2; i++)
		times.push(
			(
				await measureCommand(process.execPath, [
					...[MLSHIP, ...words, "--nodes", "5", "--dry-run"],
				])
			).seconds * 1000,
		);
	return [
		row("deploy", "deploy k8s --dry-run, digits", {
			figure: `${median(times).toFixed(0)} ms`,
			ratio: median(times),
			atMost: 1000,
			unit: " ms",
		}),
	];
}
