/**
 * A version loaded as the server loads it, on one worker: node memory_mlship.js FOLDER prints {"weights", "idle", "peak",
 * "loaded"} in bytes: those of the weights, then the memory of the process (Linux, /proc/self/status) before anything is
 * imported, at most until the first question can be asked (with that of processes it starts meanwhile), and two seconds later.
 */
import { readdirSync, readFileSync } from "node:fs";

const [folder] = process.argv.slice(2);
const idle = memory("VmRSS");
const { loadModel } = await import("../../dist/lib/serving/load.js");
let together = 0;
const watch = setInterval(() => {
	together = Math.max(together, memory("VmRSS") + childMemory());
}, 10);
const version = await loadModel(folder, { workers: 1 });
clearInterval(watch);
const peak = Math.max(memory("VmHWM"), together);
await new Promise((resolve) => setTimeout(resolve, 2000));
const loaded = memory("VmRSS");
await version.close();

const { weightBytes } = await import("../weights.js");
const weights = weightBytes(folder);
console.log(JSON.stringify({ weights, idle, peak, loaded }));

function memory(key, process = "self") {
	const status = readFileSync(`/proc/${process}/status`, "utf8");
	return Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) * 1024;
}

/** Of processes that it started, without files: Node and its libraries are mapped once for all. */
function childMemory() {
	let sum = 0;
	for (const task of readdirSync("/proc/self/task"))
		try {
			const list = readFileSync(`/proc/self/task/${task}/children`, "utf8");
			for (const child of list.split(" ").filter(Boolean))
				sum += memory("RssAnon", child);
		} catch {
			// it has ended meanwhile
		}
	return sum;
}
