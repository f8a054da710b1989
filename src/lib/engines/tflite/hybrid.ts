import { BuiltinOperator, TensorType } from "../../../gen/tflite.js";
import type { LiteFields } from "../../lite/schema.js";

type Model = LiteFields<"Model">;
type Graph = LiteFields<"SubGraph">;
type Tensor = LiteFields<"Tensor">;

/** The last version of FULLY_CONNECTED that the runtime has: without weights of int8 that have a scale for each row. */
const KNOWN = 9;

/**
 * A file whose FULLY_CONNECTED multiplies floats with floats where it multiplied them with int8 and a scale a row, which came in
 * TensorFlow 2.17, later than the runtime. Answers are a little nearer to those of the model before it was quantized.
 */
export function withFloatRows(model: Model): Model {
	const codes = [...(model.operatorCodes ?? [])];
	const isNew = (opcodeIndex = 0) => {
		const { builtinCode, version = 1 } = codes[opcodeIndex] ?? {};
		return builtinCode === BuiltinOperator.FULLY_CONNECTED && version > KNOWN;
	};
	if (!codes.some((_, i) => isNew(i))) return model;
	const buffers = [...(model.buffers ?? [])];
	// others stay what they are, for the runtime to refuse
	const known = new Map<number, number>();
	const knownCode = (opcodeIndex = 0) => {
		const place =
			known.get(opcodeIndex) ??
			codes.push({ ...codes[opcodeIndex], version: KNOWN }) - 1;
		known.set(opcodeIndex, place);
		return place;
	};
	const subgraphs = (model.subgraphs ?? []).map((graph): Graph => {
		const tensors = [...(graph.tensors ?? [])];
		return {
			...graph,
			tensors,
			operators: graph.operators?.map((operator) => {
				const { inputs = [], opcodeIndex } = operator;
				const weights = tensors[inputs[1]];
				if (!isNew(opcodeIndex) || weights?.type !== TensorType.INT8)
					return operator;
				// 0 is the number of float32, which files leave out
				const isFloat = (tensors[inputs[0]]?.type ?? 0) === TensorType.FLOAT32;
				const data = isFloat ? rowsOf(weights, buffers) : undefined;
				if (data === undefined) return operator;
				const buffer = buffers.push({ data }) - 1;
				const { name, shape } = weights;
				const floats: Tensor = {
					name: `${name}/floats`,
					shape,
					type: TensorType.FLOAT32,
					buffer,
				};
				return {
					...operator,
					opcodeIndex: knownCode(opcodeIndex),
					inputs: inputs.with(1, tensors.push(floats) - 1),
				};
			}),
		};
	});
	const used = new Set(
		subgraphs.flatMap(({ operators = [] }) =>
			operators.map(({ opcodeIndex = 0 }) => opcodeIndex),
		),
	);
	return {
		...model,
		buffers,
		subgraphs,
		// a code that no operator has left is looked for all the same
		operatorCodes: codes.map((code, i) =>
			isNew(i) && !used.has(i) ? { ...code, version: KNOWN } : code,
		),
	};
}

function rowsOf(
	{ quantization, buffer = 0, shape = [] }: Tensor,
	buffers: readonly LiteFields<"Buffer">[],
): Uint8Array | undefined {
	const { scale = [] } = quantization ?? {};
	const { data } = buffers[buffer] ?? {};
	const [rows, columns] = shape;
	if (!(data instanceof Uint8Array) || data.length !== rows * columns)
		return undefined;
	const floats = new Float32Array(data.length);
	const numbers = new Int8Array(data.buffer, data.byteOffset, data.length);
	for (let i = 0; i < floats.length; i++) {
		const row = scale.length === rows ? Math.floor(i / columns) : 0;
		floats[i] = numbers[i] * (scale[row] ?? 1);
	}
	return new Uint8Array(floats.buffer);
}
