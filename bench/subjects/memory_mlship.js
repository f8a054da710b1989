/**
 * A version loaded as the server loads it, on one worker: node memory_mlship.js FOLDER prints {"weights", "idle", "peak",
 * "loaded"} in bytes: those of the weights, then the memory of the process (Linux, /proc/self/status) before anything is
 * imported, at most until the first question can be asked, and two seconds later.
 */
import { readFileSync } from "node:fs";

const [folder] = process.argv.slice(2);
const idle = memory("VmRSS");
const { loadModel } = await import("../../dist/lib/serving/load.js");
const version = await loadModel(folder, { workers: 1 });
const peak = memory("VmHWM");
await new Promise((resolve) => setTimeout(resolve, 2000));
const loaded = memory("VmRSS");
await version.close();

const { weightBytes } = await import("../weights.js");
const weights = weightBytes(folder);
console.log(JSON.stringify({ weights, idle, peak, loaded }));

function memory(key) {
	const status = readFileSync("/proc/self/status", "utf8");
	return Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)[1]) * 1024;
}
