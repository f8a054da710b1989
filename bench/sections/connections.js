import { dirname } from "node:path";
import { GENERATOR, load } from "../load.js";
import { modelFolder } from "../models.js";
import { writeQuestion } from "../questions.js";
import { predictUrl, serve } from "../serving.js";
import { median, row } from "../table.js";

const CONNECTIONS = 256;

/** More connections than any server has processors: each is answered, and none wrongly. */
export async function measureConnections(place) {
	const folder = await modelFolder("digits", place);
	const { file } = writeQuestion("digits", place);
	const server = await serve([dirname(folder)]);
	try {
		const reports = [];
		for (let round = 0; round < place.rounds; round++)
			reports.push(
				await load(
					predictUrl(server, folder),
					file,
					CONNECTIONS,
					place.seconds,
				),
			);
		const middle = (key) => median(reports.map((report) => report[key]));
		return [
			row(
				"connections",
				`digits, ${CONNECTIONS} connections, requests that failed (${GENERATOR})`,
				{
					figure: `${middle("rate").toFixed(0)}/s p50 ${middle("p50").toFixed(1)} p99 ${middle("p99").toFixed(1)} ms`,
					ratio: reports.reduce((sum, { errors }) => sum + errors, 0),
					atMost: 0,
					unit: "",
				},
			),
		];
	} finally {
		await server.stop();
	}
}
