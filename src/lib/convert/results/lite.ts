import { readFileSync } from "node:fs";
import { openLite } from "../../engines/tflite/model.js";
import { encodeFlatbuffer } from "../../formats/flatbuffer/encode.js";
import { type LiteFilePort, liteSignatures } from "../../lite/ports.js";
import { readLite } from "../../lite/read.js";
import {
	dtypeOfLite,
	LITE_SCHEMA,
	type LiteFields,
} from "../../lite/schema.js";
import type { Tensors } from "../../tensor/tensor.js";
import { fedInteger, realNumbers } from "../targets/lite-ports.js";
import type { Result } from "./result.js";

/**
 * A file of TensorFlow Lite, run by its WebAssembly runtime. Integers that stand for real numbers go in and come out as these.
 * Fails as `readLite`, and with NOT_FOUND for a signature that it does not have.
 */
export function readLiteResult(path: string, key: string): Result {
	const bytes = readFileSync(path);
	const model = readLite(bytes);
	const signatures = liteSignatures(model);
	const signature =
		signatures.find((candidate) => candidate.key === key) ?? signatures[0];
	const { inputs, outputs } = signature;
	const graph = model.subgraphs?.[signature.graph] ?? {};
	const computed = computedTensors(graph);
	return {
		form: "file of TensorFlow Lite",
		engine: undefined,
		inputs: inputs.map(realPort),
		outputs: outputs.map(realPort),
		values: [...computed.keys()],
		open: async (values) => {
			const wanted = values.map((name) => ({
				name: inside(name),
				tensorIndex: computed.get(name) ?? 0,
			}));
			const changed =
				wanted.length === 0
					? bytes
					: withOutputs(model, signature.key, signature.graph, wanted);
			const session = await openLite(changed, signature.key);
			return {
				run: async (given) => {
					const feeds = Object.fromEntries(
						inputs.map((port) => [
							port.name,
							fedInteger(given[port.name], port),
						]),
					);
					const made: Tensors = await session.run(feeds);
					return {
						outputs: Object.fromEntries(
							outputs.map((port) => [
								port.name,
								realNumbers(made[port.name], port),
							]),
						),
						values: Object.fromEntries(
							values.map((name) => [name, made[inside(name)]]),
						),
					};
				},
				close: async () => session.close(),
			};
		},
	};
}

function realPort({ name, dtype, shape, quantization }: LiteFilePort) {
	return {
		name,
		dtype: quantization === undefined ? dtype : ("float32" as const),
		shape,
	};
}

function inside(name: string): string {
	return `inside ${name}`;
}

/** Tensors of float32 that operators make, but outputs, by name; in the order in which they are made. */
function computedTensors({
	tensors = [],
	operators = [],
	outputs = [],
}: LiteFields<"SubGraph">): ReadonlyMap<string, number> {
	const found = new Map<string, number>();
	for (const index of operators.flatMap((operator) => operator.outputs ?? [])) {
		const { name, type } = tensors[index] ?? {};
		const isFloat = dtypeOfLite(type ?? 0) === "float32";
		if (name !== undefined && isFloat && !outputs.includes(index))
			found.set(name, index);
	}
	return found;
}

function withOutputs(
	model: LiteFields<"Model">,
	key: string,
	place: number,
	wanted: readonly { readonly name: string; readonly tensorIndex: number }[],
): Uint8Array {
	const changed = {
		...model,
		subgraphs: model.subgraphs?.map((graph, i) =>
			i === place
				? {
						...graph,
						outputs: [
							...(graph.outputs ?? []),
							...wanted.map(({ tensorIndex }) => tensorIndex),
						],
					}
				: graph,
		),
		signatureDefs: model.signatureDefs?.map((signature) =>
			signature.signatureKey === key
				? { ...signature, outputs: [...(signature.outputs ?? []), ...wanted] }
				: signature,
		),
	};
	return encodeFlatbuffer(LITE_SCHEMA, "Model", changed, SIZE);
}

/** To begin with; the encoder makes more room. */
const SIZE = 2 ** 20;
