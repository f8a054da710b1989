/** The same ONNX Runtime on another converter's file: node predict_onnx.js FILE RUNS prints {"median": milliseconds}. */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { timePredictions } from "./timing.js";

const [file, runs] = process.argv.slice(2);
const session = await InferenceSession.create(file);
const [{ name, shape }] = session.inputMetadata;
const dims = shape.map((size) => (typeof size === "number" ? size : 1));

await timePredictions(dims, Number(runs), (values) =>
	session.run({ [name]: new Tensor("float32", values, dims) }),
);
