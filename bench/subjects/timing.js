import { median } from "../table.js";

/** Times `predict` on fresh random inputs after a warm-up and prints the median; with one run, only that it answered. */
export async function timePredictions(dims, runs, predict) {
	const count = dims.reduce((product, size) => product * size, 1);
	const source = Float32Array.from(
		{ length: count },
		(_, i) => ((i * 7919) % 256) / 255,
	);
	const once = async () => {
		const values = source.slice();
		const start = performance.now();
		await predict(values);
		return performance.now() - start;
	};
	await once();
	const times = [];
	for (let i = 0; runs > 1 && i < runs + 5; i++) times.push(await once());
	console.log(
		JSON.stringify({ median: runs > 1 ? median(times.slice(5)) : 0 }),
	);
}
