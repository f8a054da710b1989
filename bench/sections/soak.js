import { dirname } from "node:path";
import { load } from "../load.js";
import { modelFolder } from "../models.js";
import { writeQuestion } from "../questions.js";
import { predictUrl, residentBytes, serve } from "../serving.js";
import { median, row, skipped } from "../table.js";

const REQUESTS = { full: 1_000_000, quick: 20_000 };
const CONNECTIONS = 16;

/** Between two looks at the memory. */
const SECONDS = 5;

/** What a garbage collector may need from one minute to the next; a leak of 100 bytes a request would be twice as much. */
const MOST = 1.1;

/** A million small requests: memory in the last quarter of them against the second. */
export async function measureSoak(place) {
	if (process.platform !== "linux")
		return [skipped("soak", "digits", "no /proc to read memory from")];
	const wanted = place.rounds > 1 ? REQUESTS.full : REQUESTS.quick;
	const folder = await modelFolder("digits", place);
	const { file } = writeQuestion("digits", place);
	const server = await serve([dirname(folder)]);
	try {
		const looks = [];
		let asked = 0;
		let failed = 0;
		while (asked < wanted) {
			const url = predictUrl(server, folder);
			const { rate, errors } = await load(url, file, CONNECTIONS, SECONDS);
			asked += rate * SECONDS;
			failed += errors;
			looks.push({ asked, bytes: residentBytes(server.pid) });
		}
		const during = (from, to) =>
			median(
				looks
					.filter(({ asked: at }) => at > from * asked && at <= to * asked)
					.map(({ bytes }) => bytes),
			);
		const [before, after] = [during(0.25, 0.5), during(0.75, 1)];
		return [
			row("soak", "digits, memory at the end over that at a third", {
				figure: `${megabytes(after)} vs ${megabytes(before)}, ${Math.round(asked)} requests, ${failed} failed`,
				ratio: after / before,
				atMost: MOST,
			}),
		];
	} finally {
		await server.stop();
	}
}

function megabytes(bytes) {
	return `${Math.round(bytes / 1e6)} MB`;
}
