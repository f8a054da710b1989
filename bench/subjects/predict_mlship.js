/** mlship in process, in the caller's thread as the other subjects: node predict_mlship.js FOLDER RUNS [BATCH] prints {"median": milliseconds}. */
import { loadProgram } from "../../dist/lib/engines/index.js";
import { buildProgram } from "../../dist/lib/graph/build.js";
import {
	findMetaGraph,
	readSavedModel,
} from "../../dist/lib/savedmodel/read.js";
import { findSignature } from "../../dist/lib/savedmodel/signature.js";
import { bindVariables } from "../../dist/lib/savedmodel/variables.js";
import { timePredictions } from "./timing.js";

const [folder, runs, batch = "1"] = process.argv.slice(2);
const model = readSavedModel(folder);
const metaGraph = findMetaGraph(model);
const program = buildProgram({
	model,
	metaGraph,
	signature: findSignature(metaGraph),
	variables: bindVariables(model, metaGraph),
});
const session = await loadProgram(program, "auto", { workers: 0 });
const [{ name, shape }] = session.inputs;
const dims = shape.map((size) => (size < 0 ? Number(batch) : size));

await timePredictions(dims, Number(runs), (data) =>
	session.run({ [name]: { dtype: "float32", shape: dims, data } }),
);
await session.close();
