/**
 * Has TensorFlow.js load graph models from a web server, and answer questions: node web_files.js JOBS.json prints a line of JSON
 * for each job of the list, {id, error} where one is refused; the answers become files. Ends with 77 where a package is missing.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { relative } from "node:path";
import { backendFor } from "../../dist/lib/engines/tfjs/backend.js";
import { convertTensor } from "../../dist/lib/tensor/convert.js";
import { readNpy, writeNpy } from "../../dist/lib/tensor/npy.js";
import { serveFolder } from "./server.js";

const [tf, { loadGraphModel }] = loadPackages();
// it tells users of Node of a faster package
console.warn = () => undefined;
const server = await serveFolder("/");
const [file] = process.argv.slice(2);
for (const job of JSON.parse(readFileSync(file, "utf8")))
	console.log(
		JSON.stringify(
			await ask(job).then(
				() => ({ id: job.id }),
				(error) => ({ id: job.id, error: `${error.name}: ${error.message}` }),
			),
		),
	);
server.close();

function loadPackages() {
	const require = createRequire(import.meta.url);
	try {
		require("@tensorflow/tfjs-backend-cpu");
		require("@tensorflow/tfjs-backend-wasm");
		const names = ["@tensorflow/tfjs-core", "@tensorflow/tfjs-converter"];
		return names.map((name) => require(name));
	} catch (error) {
		if (error.code !== "MODULE_NOT_FOUND") throw error;
		console.log(
			JSON.stringify({ lacks: "a package of TensorFlow.js is absent" }),
		);
		process.exit(77);
	}
}

async function ask({ main, inputs, outputs, questions }) {
	const { modelTopology } = JSON.parse(readFileSync(main, "utf8"));
	const best = backendFor({ topology: modelTopology });
	await tf.setBackend(best);
	const model = await loadGraphModel(`${server.url}${relative("/", main)}`);
	for (const question of questions) {
		const given = question.inputs.map((path) => readNpy(readFileSync(path)));
		// its WebAssembly kernels do not look whether there are elements
		const isEmpty = given.some(({ shape }) => shape.includes(0));
		await tf.setBackend(isEmpty ? "cpu" : best);
		const feeds = Object.fromEntries(
			inputs.map((name, i) => [name, toTensor(given[i])]),
		);
		const made = await run(model, feeds, outputs);
		for (const [i, path] of question.answers.entries())
			writeFileSync(path, writeNpy(await fromTensor(made[i])));
	}
	model.dispose();
}

/** By the names of the signature, as users do. */
async function run(model, feeds, outputs) {
	try {
		return [model.execute(feeds, outputs)].flat();
	} catch (error) {
		if (!error.message.includes("executeAsync")) throw error;
		return [await model.executeAsync(feeds, outputs)].flat();
	}
}

/** The element types of TensorFlow.js are few. */
function toTensor({ dtype, shape, data }) {
	const tensor = { dtype, shape, data };
	if (dtype === "bool" || dtype === "string")
		return tf.tensor(data, shape, dtype);
	if (dtype === "complex64") {
		const part = (lane) =>
			tf.tensor(
				data.filter((_, i) => i % 2 === lane),
				shape,
			);
		return tf.complex(part(0), part(1));
	}
	const held = /int/.test(dtype) ? "int32" : "float32";
	return tf.tensor(convertTensor(tensor, held).data, shape, held);
}

async function fromTensor(value) {
	const { shape, dtype } = value;
	// some of its kernels hold indices in floats
	if (dtype === "int32")
		return { dtype, shape, data: Int32Array.from(value.dataSync()) };
	if (dtype === "string") return { dtype, shape, data: await value.bytes() };
	if (dtype !== "complex64") return { dtype, shape, data: value.dataSync() };
	const parts = [tf.real(value), tf.imag(value)].map((part) => part.dataSync());
	const data = new Float32Array(2 * value.size);
	for (const [lane, part] of parts.entries())
		for (const [i, number] of part.entries()) data[2 * i + lane] = number;
	return { dtype, shape, data };
}
