import { readFileSync } from "node:fs";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { compatAll } from "../../../src/commands/ui/compat.js";
import { SavedModelSchema } from "../../../src/gen/saved_model_pb.js";
import { planOnnx } from "../../../src/lib/engines/onnx/plan.js";
import { decodeMessage } from "../../../src/lib/formats/protobuf.js";
import { buildProgram } from "../../../src/lib/graph/build.js";
import { assetFiles } from "../../../src/lib/savedmodel/assets.js";
import { exampleRequest } from "../../../src/lib/savedmodel/example.js";
import { listSignatures } from "../../../src/lib/savedmodel/signature.js";
import { bindVariables } from "../../../src/lib/savedmodel/variables.js";
import { anyOf } from "../outcome.js";
import type { Target } from "../target.js";
import { mutateMessage } from "../wire.js";

const file = "saved_model.pb";

/** What a graph may be refused with: never with an accident of ours. */
const CODES = ["CORRUPT", "UNSUPPORTED", "INVALID", "NOT_FOUND"] as const;

/** The message alone, all of its maps read. */
export const savedModel: Target = {
	name: "saved-model",
	codes: ["CORRUPT"],
	mutate: mutateMessage,
	seeds: ["fixtures/models/tfjs-node/times_three_float/saved_model.pb"],
	rounds: 1500,
	read: (bytes) => decodeMessage(SavedModelSchema, bytes, file),
};

/** Small ones that between them have most of what graphs are made of; beside each lies its checkpoint. */
const MODELS = {
	"half-plus-two": "models/tensorflow/half_plus_two/00000123",
	matrix: "models/tensorflow-serving/matrix_half_plus_two/1",
	counter: "models/tensorflow-serving/saved_model_counter/00000123",
	tables: "saved/assets",
	functions: "saved/functions",
	control: "models/control/1",
	examples: "models/estimator_like/1",
	strings: "models/text/1",
	detector: "models/detector/1",
	digits: "models/digits/1",
	resources: "models/zoo_v1_resource/1",
	pools: "models/zoo_pool_raw/1",
	sums: "models/zoo_einsum/1",
} as const;

/** A model's graph, from its bytes to what would be run. */
export const graphs: readonly Target[] = Object.entries(MODELS).map(
	([name, path]) => ({
		name: `graph-${name}`,
		codes: CODES,
		mutate: mutateMessage,
		rounds: 100,
		texts: [readFields(`fixtures/${path}/saved_model.pb`)],
		read: (bytes) => readGraphs(bytes, `fixtures/${path}`),
	}),
);

/** A SavedModel with nothing in it but the fields that are read, of which most mistakes are of no interest. */
function readFields(path: string): Uint8Array {
	const message = fromBinary(SavedModelSchema, readFileSync(path), {
		readUnknownFields: false,
	});
	return toBinary(SavedModelSchema, message);
}

function readGraphs(bytes: Uint8Array, dir: string): void {
	const { metaGraphs } = decodeMessage(SavedModelSchema, bytes, file);
	const model = { dir, file, metaGraphs };
	compatAll(model);
	for (const metaGraph of metaGraphs) {
		assetFiles(model, metaGraph);
		const variables = bindVariables(model, metaGraph);
		for (const signature of listSignatures(metaGraph))
			anyOf([
				() => exampleRequest(signature),
				() =>
					planOnnx(buildProgram({ model, metaGraph, signature, variables })),
			]);
	}
}
