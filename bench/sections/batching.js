import { dirname } from "node:path";
import { GENERATOR, load } from "../load.js";
import { modelFolder } from "../models.js";
import { writeQuestion } from "../questions.js";
import { predictUrl, serve } from "../serving.js";
import { median, row, skipped } from "../table.js";

/** Short rounds in turn, as many as make the median steady. */
const ROUNDS = 7;
const SECONDS = 1;

/** What is lost to noise between two servers that do the same. */
const LEAST = 0.95;

/** Requests put together where nobody asks for it, against a server that never does. */
export async function measureBatching(place) {
	const rows = [];
	for (const model of ["digits", "mobilenet_v2"])
		rows.push(...(await measureModel(model, place)));
	return rows;
}

async function measureModel(model, place) {
	const folder = await modelFolder(model, place);
	if (folder === undefined)
		return [skipped("batching", model, "no TensorFlow to make the model")];
	const { file } = writeQuestion(model, place);
	const servers = [];
	try {
		for (const option of ["", "--enable_batching=false"])
			servers.push(await serve([dirname(folder), option].filter(Boolean)));
		const rows = [];
		for (const connections of [1, 4, 16, 64])
			rows.push(await compare({ model, folder, file, connections }, servers));
		return rows;
	} finally {
		for (const { stop } of servers) await stop();
	}
}

async function compare({ model, folder, file, connections }, servers) {
	const urls = servers.map((server) => predictUrl(server, folder));
	const rates = urls.map(() => []);
	for (let round = 0; round <= ROUNDS; round++)
		for (const [i, url] of urls.entries()) {
			const { rate } = await load(url, file, connections, SECONDS);
			// the first round warms up
			if (round > 0) rates[i].push(rate);
		}
	const [on, off] = rates.map(median);
	return row(
		"batching",
		`${model}, ${connections} connections, automatic batches vs none (${GENERATOR})`,
		{
			figure: `${on.toFixed(0)}/s vs ${off.toFixed(0)}/s`,
			ratio: median(rates[0].map((rate, i) => rate / rates[1][i])),
			goal: LEAST,
		},
	);
}
