import { dirname, join } from "node:path";
import {
	TensorProto_DataLocation as DataLocation,
	type TensorProto as OnnxTensor,
} from "../../../gen/onnx_pb.js";
import type { TensorProto } from "../../../gen/tensor_pb.js";
import { readRange } from "../../formats/file.js";
import type { OnnxModel } from "../../onnx/read.js";
import type { VersionFile } from "../../repository/version.js";
import { findMetaGraph } from "../../savedmodel/read.js";
import { listSignatures } from "../../savedmodel/signature.js";
import { findUsage } from "../../savedmodel/usage.js";
import { bindVariables } from "../../savedmodel/variables.js";
import { constantsOf, listWeights } from "../../savedmodel/weights.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import { constantFromProto } from "../../tensor/proto.js";
import {
	elementCount,
	type Tensor,
	tensorFromBytes,
} from "../../tensor/tensor.js";

/** A weight of a version, whose value is read when it is asked for. */
export interface Weight {
	/** The name of its node or initializer. */
	readonly name: string;
	readonly dtype: DType;
	readonly shape: readonly number[];
	read(): Tensor;
}

/** The variables that signatures read, and the constants of a frozen graph; initializers of an ONNX file. */
export function weightsOf(version: VersionFile): Weight[] {
	return version.onnx === undefined
		? savedWeights(version)
		: onnxWeights(version.onnx);
}

function savedWeights(version: VersionFile): Weight[] {
	const metaGraph = findMetaGraph(version);
	const graph = metaGraph.graphDef;
	if (graph === undefined) return [];
	const variables = bindVariables(version, metaGraph);
	const outputs = listSignatures(metaGraph).flatMap((signature) =>
		signature.outputs.map(({ tensorName }) => tensorName),
	);
	const usage = findUsage(graph, outputs);
	const read = [...listWeights(usage, variables).values()].flatMap(
		({ name, dtype, shape }): Weight[] => {
			const variable = variables.get(name);
			return variable === undefined
				? []
				: [{ name, dtype, shape, read: () => variable.read() }];
		},
	);
	const constants = [...constantsOf(usage)].flatMap(({ name, value }) =>
		constantOf(name, value),
	);
	return [...read, ...constants];
}

/** Numbers alone are settings of operations: axes, sizes, epsilons. */
const LEAST_ELEMENTS = 2;

function constantOf(name: string, proto: TensorProto): Weight[] {
	const { dtype, shape, read } = constantFromProto(proto);
	const { kind } = DTYPES[dtype];
	const isWeight = kind === "float" || kind === "half";
	return isWeight && elementCount(shape) >= LEAST_ELEMENTS
		? [{ name, dtype, shape, read: () => read() }]
		: [];
}

function onnxWeights({ graph, path }: OnnxModel): Weight[] {
	return graph.initializer.flatMap((tensor): Weight[] => {
		const dtype = (Object.keys(DTYPES) as DType[]).find(
			(type) => DTYPES[type].onnx === tensor.dataType,
		);
		if (dtype === undefined || dtype === "string") return [];
		const shape = tensor.dims.map(Number);
		return [
			{
				name: tensor.name,
				dtype,
				shape,
				read: () => readOnnxTensor(tensor, dtype, shape, dirname(path)),
			},
		];
	});
}

/** onnx.proto3: bytes in the file, bytes beside it, or numbers one by one. */
function readOnnxTensor(
	tensor: OnnxTensor,
	dtype: DType,
	shape: readonly number[],
	dir: string,
): Tensor {
	if (tensor.dataLocation === DataLocation.EXTERNAL) {
		const facts = new Map(
			tensor.externalData.map(({ key, value }) => [key, value]),
		);
		const length = elementCount(shape) * DTYPES[dtype].bytes;
		const bytes = readRange(
			join(dir, facts.get("location") ?? ""),
			Number(facts.get("offset") ?? 0),
			Number(facts.get("length") ?? length),
		);
		return tensorFromBytes(dtype, shape, bytes);
	}
	if (tensor.rawData.length > 0)
		return tensorFromBytes(dtype, shape, Uint8Array.from(tensor.rawData));
	const numbers = [
		...tensor.floatData,
		...tensor.int32Data,
		...Array.from(tensor.int64Data, Number),
		...tensor.doubleData,
	];
	return { dtype: "float64", shape, data: Float64Array.from(numbers) };
}
