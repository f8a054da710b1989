/**
 * Asks again and again over some connections until its input ends: node steady_client.js URL BODY_FILE CONNECTIONS prints
 * {"starts", "latencies", "errors"}: when each request was sent (milliseconds since 1970), and how many it took.
 */
import { readFileSync } from "node:fs";
import { Agent } from "node:http";
import { post } from "../post.js";

const [url, file, connections] = process.argv.slice(2);
const body = readFileSync(file);
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });
const starts = [];
const latencies = [];
let errors = 0;
let isOver = false;
process.stdin.on("end", () => {
	isOver = true;
});
process.stdin.resume();
await Promise.all(Array.from({ length: Number(connections) }, askOn));
agent.destroy();
console.log(JSON.stringify({ starts, latencies, errors }));

async function askOn() {
	while (!isOver) {
		const start = performance.now();
		try {
			await post(url, body, agent);
			starts.push(Math.round(performance.timeOrigin + start));
			latencies.push(Math.round((performance.now() - start) * 1000) / 1000);
		} catch {
			errors++;
		}
	}
}
