/** TensorFlow.js on a graph model: node predict_web.js MODEL.JSON RUNS prints {"median": milliseconds}. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { timePredictions } from "./timing.js";

const require = createRequire(import.meta.url);
const tf = require("@tensorflow/tfjs-core");
require("@tensorflow/tfjs-backend-wasm");
const { loadGraphModel } = require("@tensorflow/tfjs-converter");
// it tells users of Node of a faster package
console.warn = () => undefined;

const [file, runs] = process.argv.slice(2);
await tf.setBackend("wasm");
const model = await loadGraphModel("http://localhost/model.json", {
	fetchFunc: async (url) =>
		new Response(
			readFileSync(join(dirname(file), new URL(url).pathname.slice(1))),
		),
});
const [{ shape }] = model.inputs;
const dims = shape.map((size) => (size > 0 ? size : 1));

await timePredictions(dims, Number(runs), async (values) => {
	const given = tf.tensor(values, dims);
	const made = model.predict(given);
	await made.data();
	tf.dispose([given, made]);
});
process.exit();
