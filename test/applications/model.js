/**
 * One network in a process of its own: node model.js FOLDER prints a line of JSON, how its answers differ from TensorFlow's and
 * what it cost, or {"refused": why}.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { median } from "../../bench/table.js";
import { weightBytes } from "../../bench/weights.js";
import { loadModel, predict } from "../../dist/lib/index.js";
import { readNpy } from "../../dist/lib/tensor/npy.js";

const SIGNATURE = "serving_default";
const RUNS = 7;
const MB = 2 ** 20;

const [folder] = process.argv.slice(2);
const [pictures, answers] = ["pictures", "answers"].map((name) =>
	readNpy(readFileSync(join(folder, `${name}.npy`))),
);
const weights = weightBytes(join(folder, "1"));
const idle = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ weights: weights / MB, ...(await measured()) }));

async function measured() {
	const start = performance.now();
	const opened = await loadModel(join(folder, "1"), {
		engine: "onnx",
		workers: 1,
	}).catch((error) => error);
	if (opened instanceof Error) return { refused: opened.message };
	const load = (performance.now() - start) / 1000;
	const peak = process.resourceUsage().maxRSS / 1024 - idle;
	try {
		const error = differences(await ask(opened, pictures));
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

/** The greatest difference, as a part of how far TensorFlow's answers lie from one another. */
function differences({ shape, data }) {
	if (shape.join() !== answers.shape.join())
		throw new Error(`answers [${shape}], TensorFlow [${answers.shape}]`);
	let [low, high, worst] = [Infinity, -Infinity, 0];
	for (const [i, wanted] of answers.data.entries()) {
		low = Math.min(low, wanted);
		high = Math.max(high, wanted);
		// a NaN must not get lost: every comparison with it is false
		const off = Math.abs(data[i] - wanted);
		if (!(off <= worst)) worst = off;
	}
	return worst / (high - low);
}

function firstOf({ dtype, shape, data }) {
	const [count, ...sizes] = shape;
	return {
		dtype,
		shape: [1, ...sizes],
		data: data.subarray(0, data.length / count),
	};
}
