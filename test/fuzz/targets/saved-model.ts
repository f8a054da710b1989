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

/** A graph of half plus two, from its bytes to what would be run; beside it lies the checkpoint of the original. */
export const graph: Target = {
	name: "graph",
	codes: CODES,
	mutate: mutateMessage,
	rounds: 1000,
	seeds: [
		"fixtures/models/tensorflow-serving/matrix_half_plus_two/1/saved_model.pb",
		"fixtures/models/tensorflow/half_plus_two/00000123/saved_model.pb",
	],
	read: (bytes) => {
		const { metaGraphs } = decodeMessage(SavedModelSchema, bytes, file);
		const dir = "fixtures/models/tensorflow/half_plus_two/00000123";
		const model = { dir, file, metaGraphs };
		compatAll(model);
		for (const metaGraph of metaGraphs) {
			assetFiles(model, metaGraph);
			const variables = bindVariables(model, metaGraph);
			const signatures = listSignatures(metaGraph);
			for (const signature of signatures)
				anyOf([
					() => exampleRequest(signature),
					() =>
						planOnnx(buildProgram({ model, metaGraph, signature, variables })),
				]);
		}
		return undefined;
	},
};
