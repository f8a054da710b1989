import { basename } from "node:path";
import { BuiltinOperator } from "../../gen/tflite.js";
import type { OpCount } from "../savedmodel/ops-summary.js";
import { SERVE_TAG } from "../savedmodel/read.js";
import { byBytes } from "../savedmodel/signature.js";
import {
	type LiteFacts,
	type ModelSummary,
	summarizeSignature,
} from "../savedmodel/summary.js";
import type { WeightSummary } from "../savedmodel/weights.js";
import { elementCount } from "../tensor/tensor.js";
import { type LiteFile, openLiteFile } from "./open.js";
import { dtypeOfLite, type LiteFields } from "./schema.js";

/** Describes a file of TensorFlow Lite as SavedModels are described. Fails as `openLiteFile`. */
export function summarizeLite(path: string): ModelSummary {
	const file = openLiteFile(path);
	const { model, signatures, metaGraph } = file;
	const graphs = model.subgraphs ?? [];
	const weights = graphs.flatMap((graph) => weightsOf(model, graph));
	return {
		dir: path,
		file: basename(path),
		byteLength: file.bytes.length,
		metaGraphs: [
			{
				tags: [SERVE_TAG],
				tensorflowVersion: "",
				signatures: signatures
					.map(({ key }) =>
						summarizeSignature(key, metaGraph.signatureDef[key]),
					)
					.sort((a, b) => byBytes(a.key, b.key)),
				ops: countOps(model),
				nodes: graphs.reduce(
					(sum, { operators = [] }) => sum + operators.length,
					0,
				),
				functions: [],
				weights: weights.sort((a, b) => b.byteLength - a.byteLength),
				constants: { count: 0, byteLength: 0 },
				layers: [],
				assets: [],
			},
		],
		checkpoint: undefined,
		lite: factsOf(file),
	};
}

function factsOf({ model, signatures }: LiteFile): LiteFacts {
	const minimum = model.metadata?.find(
		({ name }) => name === "min_runtime_version",
	);
	const { data } = model.buffers?.[minimum?.buffer ?? 0] ?? {};
	const text =
		minimum !== undefined && data instanceof Uint8Array
			? Buffer.from(data).toString("latin1").replace(/\0.*$/s, "")
			: "";
	return {
		version: model.version ?? 0,
		producer: model.description ?? "",
		runtime: /^[\d.]{1,16}$/.test(text) ? text : "",
		graphs: model.subgraphs?.length ?? 0,
		quantized: signatures.flatMap(({ key, inputs, outputs }) =>
			[...inputs, ...outputs].flatMap(({ name, quantization }) =>
				quantization === undefined
					? []
					: [{ signature: key, port: name, ...quantization }],
			),
		),
	};
}

const NAMES: ReadonlyMap<number, string> = new Map(
	Object.entries(BuiltinOperator).map(([name, code]) => [code, name]),
);

/** Operators of all graphs, those of others by their own name; most used first. */
function countOps({
	operatorCodes = [],
	subgraphs = [],
}: LiteFields<"Model">): OpCount[] {
	const counts = new Map<string, number>();
	for (const { operators = [] } of subgraphs)
		for (const { opcodeIndex = 0 } of operators) {
			const op = nameOf(operatorCodes[opcodeIndex]);
			counts.set(op, (counts.get(op) ?? 0) + 1);
		}
	return [...counts]
		.map(([op, count]) => ({ op, count, used: count }))
		.sort((a, b) => b.count - a.count || byBytes(a.op, b.op));
}

function nameOf({
	builtinCode = 0,
	customCode,
}: LiteFields<"OperatorCode"> = {}): string {
	return builtinCode === BuiltinOperator.CUSTOM
		? (customCode ?? "CUSTOM")
		: (NAMES.get(builtinCode) ?? `operator ${builtinCode}`);
}

/** Tensors with elements of their own, text aside. */
function weightsOf(
	{ buffers = [] }: LiteFields<"Model">,
	{ tensors = [] }: LiteFields<"SubGraph">,
): WeightSummary[] {
	return tensors.flatMap(({ name = "", type = 0, shape = [], buffer = 0 }) => {
		const byteLength = buffers[buffer]?.data?.byteLength ?? 0;
		const dtype = dtypeOfLite(type);
		if (byteLength === 0 || dtype === undefined || dtype === "string")
			return [];
		const parameters = elementCount(shape);
		return [{ name, key: name, dtype, shape, parameters, byteLength }];
	});
}
