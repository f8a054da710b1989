/**
 * One network in a process of its own: node model.js FOLDER [SAVEDMODEL] prints a line of JSON, how its answers differ from TensorFlow's and
 * what it cost, or {"refused": why}.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { median } from "../../bench/table.js";
import { weightBytes } from "../../bench/weights.js";
import { loadModel, predict } from "../../dist/lib/index.js";
import { readNpy } from "../../dist/lib/tensor/npy.js";
import { differences } from "./differences.js";

const SIGNATURE = "serving_default";
const RUNS = 7;
const MB = 2 ** 20;

const [folder, model = join(folder, "1")] = process.argv.slice(2);
const [pictures, answers] = ["pictures", "answers"].map((name) =>
	readNpy(readFileSync(join(folder, `${name}.npy`))),
);
const weights = weightBytes(model);
const idle = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ weights: weights / MB, ...(await measured()) }));

async function measured() {
	const start = performance.now();
	const opened = await loadModel(model, {
		engine: "onnx",
		workers: 1,
	}).catch((error) => error);
	if (opened instanceof Error) return { refused: opened.message };
	const load = (performance.now() - start) / 1000;
	const peak = process.resourceUsage().maxRSS / 1024 - idle;
	try {
		const error = differences(await ask(opened, pictures), answers);
		const one = firstOf(pictures);
		const times = [];
		for (let i = 0; i < RUNS; i++) {
			const before = performance.now();
			await ask(opened, one);
			times.push(performance.now() - before);
		}
		return { load, peak, error, predict: median(times) };
	} finally {
		await opened.close();
	}
}

/** Buffers go to the worker: each question has its own. */
async function ask(version, tensor) {
	const [{ name }] = version.signature(SIGNATURE).inputs;
	const given = { [name]: { ...tensor, data: tensor.data.slice() } };
	const [answer] = Object.values(await predict(version, SIGNATURE, given));
	return answer;
}

function firstOf({ dtype, shape, data }) {
	const [count, ...sizes] = shape;
	return {
		dtype,
		shape: [1, ...sizes],
		data: data.subarray(0, data.length / count),
	};
}
