import { BuiltinOperator, TensorType } from "../../../gen/tflite.js";
import {
	dtypeOfLite,
	type LiteFields,
	type LiteOp,
	type LiteOptions,
} from "../../lite/schema.js";
import { DTYPES } from "../../tensor/dtype.js";

type Model = LiteFields<"Model">;
type Graph = LiteFields<"SubGraph">;
type Operator = LiteFields<"Operator">;
type Tensor = LiteFields<"Tensor">;

/**
 * A file whose numbers of uint64, which the runtime does not compute with, are int64 of the same bits, and without BITCAST, which
 * came later than the runtime: where two types have one width RESHAPE copies the bits as they are.
 */
export function inSignedBits(model: Model): Model {
	const codes = [...(model.operatorCodes ?? [])];
	const codeOf = (op: LiteOp) => {
		const code = BuiltinOperator[op];
		const fields = { deprecatedBuiltinCode: code, builtinCode: code };
		return codes.push({ ...fields, version: 1 }) - 1;
	};
	const isBitcast = ({ opcodeIndex = 0 }: Operator) =>
		codes[opcodeIndex]?.builtinCode === BuiltinOperator.BITCAST;
	const graphs = (model.subgraphs ?? []).map(signed);
	const subgraphs = graphs.map((graph) => {
		if (!graph.operators?.some(isBitcast)) return graph;
		const tensors = [...(graph.tensors ?? [])];
		const operators = graph.operators.flatMap((operator) => {
			if (!isBitcast(operator) || !isAlike(operator, tensors))
				return [operator];
			const { inputs = [], outputs = [] } = operator;
			const sizes = tensors.push(sizesOf(tensors[inputs[0]])) - 1;
			return [
				{
					opcodeIndex: codeOf("SHAPE"),
					inputs,
					outputs: [sizes],
					builtinOptions: AS_INT32,
				},
				{
					opcodeIndex: codeOf("RESHAPE"),
					inputs: [inputs[0], sizes],
					outputs,
				},
			];
		});
		return { ...graph, tensors, operators };
	});
	return {
		...model,
		operatorCodes: subgraphs.some(({ operators }) => operators?.some(isBitcast))
			? codes
			: codes.map(knownCode),
		subgraphs,
	};
}

const AS_INT32: LiteOptions = {
	table: "ShapeOptions",
	fields: { outType: TensorType.INT32 },
};

/** The runtime refuses a file for a code that no operator has. */
function knownCode(
	code: LiteFields<"OperatorCode">,
): LiteFields<"OperatorCode"> {
	return code.builtinCode === BuiltinOperator.BITCAST
		? { deprecatedBuiltinCode: 0, builtinCode: 0, version: 1 }
		: code;
}

function signed(graph: Graph): Graph {
	return {
		...graph,
		tensors: (graph.tensors ?? []).map((tensor) =>
			tensor.type === TensorType.UINT64
				? { ...tensor, type: TensorType.INT64 }
				: tensor,
		),
	};
}

/** Whether both types have one width here, where some numbers are held in another type. */
function isAlike(
	{ inputs = [], outputs = [] }: Operator,
	tensors: readonly Tensor[],
): boolean {
	const [from, to] = [inputs[0], outputs[0]].map((index) => {
		const dtype = dtypeOfLite(tensors[index]?.type ?? 0);
		return dtype && DTYPES[dtype].bytes;
	});
	return from === to;
}

function sizesOf({ name, shape = [] }: Tensor): Tensor {
	return {
		name: `${name}/sizes`,
		type: TensorType.INT32,
		shape: [shape.length],
		buffer: 0,
	};
}
