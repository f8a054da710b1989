/**
 * From a SavedModel's bytes to ONNX's: node graph_mlship.js FOLDER prints {"seconds", "read", "build", "plan": of all and of its
 * parts, "nodes": of the program, "steps"}. ONNX Runtime is not asked.
 */
import { planOnnx } from "../../dist/lib/engines/onnx/plan.js";
import { buildProgram } from "../../dist/lib/graph/build.js";
import {
	findMetaGraph,
	readSavedModel,
} from "../../dist/lib/savedmodel/read.js";
import { findSignature } from "../../dist/lib/savedmodel/signature.js";
import { bindVariables } from "../../dist/lib/savedmodel/variables.js";

const [folder] = process.argv.slice(2);
const start = performance.now();
const model = readSavedModel(folder);
const metaGraph = findMetaGraph(model);
const read = performance.now();
const program = buildProgram({
	model,
	metaGraph,
	signature: findSignature(metaGraph),
	variables: bindVariables(model, metaGraph),
});
const built = performance.now();
const plan = planOnnx(program);
const end = performance.now();
if ("obstacles" in plan)
	throw new Error(`cannot plan: ${JSON.stringify(plan.obstacles)}`);
const bodies = [...program.functions.values()];
console.log(
	JSON.stringify({
		read: (read - start) / 1000,
		build: (built - read) / 1000,
		plan: (end - built) / 1000,
		seconds: (end - start) / 1000,
		nodes: [program, ...bodies].reduce(
			(sum, { nodes }) => sum + nodes.length,
			0,
		),
		steps: plan.program.main.steps.length,
	}),
);
