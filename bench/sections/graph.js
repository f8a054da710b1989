import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { measureSubject } from "../child.js";
import { GRAPHS, writeGraph } from "../graphs.js";
import { median, row } from "../table.js";
import { SUBJECTS } from "./predict.js";

/** About so many nodes, bodies and called functions included. */
const SIZES = [12_500, 25_000, 50_000];

/** Seconds for the largest. */
const MOST_SECONDS = 5;

/** How much more a node may cost in the largest graph than in the one of half its size; a quadratic part would cost twice. */
const MOST_GROWTH = 1.4;

/** From the bytes of a SavedModel to those of its ONNX models, without the time that ONNX Runtime takes to open them. */
export async function measureGraph(place) {
	const rows = [];
	for (const shape of Object.keys(GRAPHS))
		rows.push(...(await measureShape(shape, place)));
	return rows;
}

async function measureShape(shape, place) {
	const folders = SIZES.map((size) => graphFolder(shape, size, place));
	const measured = folders.map(() => []);
	for (let i = 0; i < place.rounds; i++)
		for (const [j, folder] of folders.entries())
			measured[j].push(
				await measureSubject(process.execPath, [
					join(SUBJECTS, "graph_mlship.js"),
					folder,
				]),
			);
	const seconds = measured.map((all) => median(all.map((one) => one.seconds)));
	const costs = seconds.map((time, i) => time / measured[i][0].nodes);
	const [{ nodes, steps }] = measured.at(-1);
	const parts = `${nodes} nodes in ${steps} step${steps === 1 ? "" : "s"}`;
	return [
		row("graph", `build and lower: ${shape}, ${parts}`, {
			figure: `${SIZES.map((size) => size / 1000).join(", ")} thousand: ${seconds.map((time) => time.toFixed(2)).join(", ")} s`,
			ratio: seconds.at(-1),
			atMost: MOST_SECONDS,
			unit: " s",
		}),
		row("graph", `${shape}, time a node over that in half the graph`, {
			figure: `${costs.map((cost) => (cost * 1e6).toFixed(0)).join(", ")} µs`,
			ratio: costs.at(-1) / costs.at(-2),
			atMost: MOST_GROWTH,
		}),
	];
}

function graphFolder(shape, size, place) {
	const folder = join(place.cache, `graph-${shape.replace(" ", "-")}-${size}`);
	if (existsSync(folder)) return folder;
	const half = `${folder}.part`;
	writeGraph(half, shape, size);
	renameSync(half, folder);
	return folder;
}
