import { create } from "@bufbuild/protobuf";
import { MetaGraphDefSchema } from "../../../gen/saved_model_pb.js";
import { openGraphModel } from "../../engines/tfjs/file.js";
import { fail, type MlshipError } from "../../errors.js";
import {
	DEFAULT_SIGNATURE,
	findSignature,
} from "../../savedmodel/signature.js";
import { readGraphModel } from "../../tfjs/graph-model.js";
import type { Result } from "./result.js";

/** A graph model of TensorFlow.js, run by it. Fails as `readGraphModel`. */
export function readWebResult(path: string): Result {
	const { nodes, signatures } = readGraphModel(path, {});
	const metaGraph = create(MetaGraphDefSchema, { signatureDef: signatures });
	const signature = findSignature(metaGraph, DEFAULT_SIGNATURE);
	const [inputs, outputs] = [signature.inputs, signature.outputs].map((ports) =>
		ports.map(({ tensorName, ...port }) => ({ ...port, tensor: tensorName })),
	);
	const given = new Set(outputs.map(({ tensor }) => tensor));
	return {
		form: "graph model of TensorFlow.js",
		engine: "tfjs",
		inputs,
		outputs,
		values: nodes
			.filter(({ op, name }) => !PLUMBING.has(op) && !given.has(`${name}:0`))
			.map(({ name }) => name),
		open: async (values) => {
			const more = values.map((name) => ({
				name: inside(name),
				dtype: "float32" as const,
				tensor: `${name}:0`,
			}));
			const model = await openGraphModel(path, {
				inputs,
				outputs: [...outputs, ...more],
			});
			return {
				run: async (tensors) => {
					const made = await model.run(tensors).catch((cause: unknown) => {
						throw brokenOff(path, cause);
					});
					return {
						outputs: made,
						values: Object.fromEntries(
							values.map((name) => [name, made[inside(name)]]),
						),
					};
				},
				close: () => model.close(),
			};
		},
	};
}

const PLUMBING: ReadonlySet<string> = new Set(["Const", "Placeholder", "NoOp"]);

/** What stops TensorFlow.js in a model of somebody else is no mistake of ours. */
function brokenOff(path: string, cause: unknown): MlshipError {
	const message = cause instanceof Error ? cause.message : String(cause);
	return fail(
		"UNSUPPORTED",
		`cannot run ${path}: TensorFlow.js breaks off: ${message}`,
		{ at: { file: path }, cause },
	);
}

/** No output is called so. */
function inside(name: string): string {
	return `inside ${name}`;
}
