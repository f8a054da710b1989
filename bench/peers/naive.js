/**
 * The Node server that a user would write by hand: JSON.parse and ONNX Runtime in the main thread, TensorFlow Serving's
 * predict route.  MODEL=model.onnx node naive.js PORT
 */
import { createServer } from "node:http";
import { InferenceSession, Tensor } from "onnxruntime-node";

const session = await InferenceSession.create(process.env.MODEL);
const [input] = session.inputNames;
const [output] = session.outputNames;

createServer(async (request, response) => {
	const chunks = [];
	for await (const chunk of request) chunks.push(chunk);
	const { instances } = JSON.parse(Buffer.concat(chunks).toString());
	const values = Float32Array.from(instances.flat(Infinity));
	const result = await session.run({
		[input]: new Tensor("float32", values, shapeOf(instances)),
	});
	const { data, dims } = result[output];
	response.setHeader("content-type", "application/json");
	response.end(JSON.stringify({ predictions: nest(Array.from(data), dims) }));
}).listen(Number(process.argv[2]), "127.0.0.1");

function shapeOf(value) {
	return Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : [];
}

function nest(values, dims) {
	if (dims.length === 1) return values;
	const size = values.length / dims[0];
	return Array.from({ length: dims[0] }, (_, i) =>
		nest(values.slice(i * size, (i + 1) * size), dims.slice(1)),
	);
}
