import { BuiltinOperator, TensorType } from "../../../gen/tflite.js";
import type { LiteFields } from "../../lite/schema.js";
import { convertTensor } from "../../tensor/convert.js";
import type { DType } from "../../tensor/dtype.js";
import { tensorBytes, tensorFromBytes } from "../../tensor/tensor.js";

type Model = LiteFields<"Model">;
type Graph = LiteFields<"SubGraph">;

/** Types of numbers that the runtime neither casts nor gives to JavaScript, or not from float32. */
const FLOATS: ReadonlyMap<number, DType> = new Map([
	[TensorType.FLOAT64, "float64"],
	[TensorType.FLOAT16, "float16"],
]);

/** Of CAST, the last one that the runtime knows. */
const KNOWN_CAST = 4;

/**
 * A file whose numbers of float64 and float16 are float32: as mlship computes with float32 in their place, casts alone are left
 * out. Weights that are kept as float16 stay, as the runtime makes floats of them itself.
 */
export function inFloats(model: Model): Model {
	const graphs = model.subgraphs ?? [];
	const isNeeded = graphs.some((graph) =>
		(graph.tensors ?? []).some((_, index) => isFloat(model, graph, index)),
	);
	if (!isNeeded) return model;
	const buffers = [...(model.buffers ?? [])];
	return {
		...model,
		buffers,
		operatorCodes: (model.operatorCodes ?? []).map((code) =>
			code.builtinCode === BuiltinOperator.CAST
				? { ...code, version: Math.min(code.version ?? 1, KNOWN_CAST) }
				: code,
		),
		subgraphs: graphs.map((graph) => ({
			...graph,
			tensors: (graph.tensors ?? []).map((tensor, index) => {
				if (!isFloat(model, graph, index)) return tensor;
				const dtype = FLOATS.get(tensor.type ?? 0) as DType;
				const { data } = buffers[tensor.buffer ?? 0] ?? {};
				const buffer =
					data === undefined || data.byteLength === 0
						? 0
						: buffers.push({
								data: floatsOf(data as Uint8Array, dtype, tensor.shape ?? []),
							}) - 1;
				return { ...tensor, type: TensorType.FLOAT32, buffer };
			}),
		})),
	};
}

function isFloat(model: Model, graph: Graph, index: number): boolean {
	const { type = 0, buffer = 0 } = graph.tensors?.[index] ?? {};
	if (!FLOATS.has(type)) return false;
	return (
		type !== TensorType.FLOAT16 ||
		buffer === 0 ||
		!isWeight(model, graph, index)
	);
}

/** Whether DEQUANTIZE makes floats of it. */
function isWeight(
	{ operatorCodes = [] }: Model,
	{ operators = [] }: Graph,
	index: number,
): boolean {
	return operators.some(
		({ inputs = [], opcodeIndex = 0 }) =>
			inputs.includes(index) &&
			operatorCodes[opcodeIndex]?.builtinCode === BuiltinOperator.DEQUANTIZE,
	);
}

function floatsOf(
	data: Uint8Array,
	dtype: DType,
	shape: readonly number[],
): Uint8Array {
	return tensorBytes(
		convertTensor(tensorFromBytes(dtype, shape, data), "float32"),
	);
}
