import { create, toBinary } from "@bufbuild/protobuf";
import {
	type AttributeProto,
	AttributeProtoSchema,
	AttributeProto_AttributeType as AttributeType,
	TensorProto_DataLocation as DataLocation,
	type GraphProto,
	GraphProtoSchema,
	ModelProtoSchema,
	NodeProtoSchema,
	type TensorProto,
	TensorProtoSchema,
	type ValueInfoProto,
	ValueInfoProtoSchema,
} from "../../../gen/onnx_pb.js";
import type { Constant } from "../../tensor/constant.js";
import { DTYPES } from "../../tensor/dtype.js";
import { elementCount, type Tensor, tensorBytes } from "../../tensor/tensor.js";
import type {
	OnnxAttr,
	OnnxGraph,
	OnnxInitializer,
	OnnxNode,
	OnnxPort,
} from "./graph.js";
import { textOfBytes } from "./strings.js";

/** ONNX 1.17: the newest opset that all of ONNX Runtime's releases since 1.20 accept. */
const OPSET = 21;
const IR_VERSION = 10;

/** Initializers from this size on are kept out of the model's own bytes (protobuf would copy them once a nesting level). */
const EXTERNAL_BYTES = 1024;

/** A model in ONNX's file format: `model` holds the graph, `weights` the large initializers under the names it gives. */
export interface OnnxFile {
	readonly model: Uint8Array;
	readonly weights: readonly ExternalWeights[];
}

/** A large initializer, to be read when its file is written: together they may be as large as the model. */
export interface ExternalWeights {
	readonly path: string;
	readonly byteLength: number;
	readonly constant: Constant;
}

export function writeOnnx(graph: OnnxGraph): OnnxFile {
	const weights = new Weights();
	const message = create(ModelProtoSchema, {
		irVersion: BigInt(IR_VERSION),
		producerName: "mlship",
		graph: graphProto(graph, weights),
		opsetImport: [
			{ domain: "", version: BigInt(OPSET) },
			{ domain: "com.microsoft", version: 1n },
		],
	});
	return { model: toBinary(ModelProtoSchema, message), weights: weights.all };
}

/** Collects the initializers that are kept out of the model's own bytes. */
class Weights {
	readonly all: ExternalWeights[] = [];

	/** Keeps the constant and returns the name for its bytes. */
	add(constant: Constant, byteLength: number): string {
		const path = `weights-${this.all.length}`;
		this.all.push({ path, byteLength, constant });
		return path;
	}
}

function graphProto(graph: OnnxGraph, weights: Weights): GraphProto {
	return create(GraphProtoSchema, {
		name: graph.name,
		node: graph.nodes.map((node) => nodeProto(node, weights)),
		initializer: graph.initializers.map((initializer) =>
			initializerProto(initializer, weights),
		),
		input: graph.inputs.map(portProto),
		output: graph.outputs.map(portProto),
	});
}

function nodeProto(node: OnnxNode, weights: Weights) {
	return create(NodeProtoSchema, {
		opType: node.op,
		domain: node.domain,
		name: node.name,
		input: [...node.inputs],
		output: [...node.outputs],
		attribute: Object.entries(node.attrs).map(([name, value]) =>
			attributeProto(name, value, weights),
		),
	});
}

function attributeProto(
	name: string,
	value: OnnxAttr,
	weights: Weights,
): AttributeProto {
	return create(AttributeProtoSchema, {
		name,
		...attributeValue(value, weights),
	});
}

function attributeValue(value: OnnxAttr, weights: Weights) {
	if (typeof value === "number")
		return { type: AttributeType.INT, i: BigInt(value) };
	if (typeof value === "string")
		return { type: AttributeType.STRING, s: new TextEncoder().encode(value) };
	if ("float" in value) return { type: AttributeType.FLOAT, f: value.float };
	if ("floats" in value)
		return { type: AttributeType.FLOATS, floats: [...value.floats] };
	if ("strings" in value)
		return {
			type: AttributeType.STRINGS,
			strings: value.strings.map((item) => new TextEncoder().encode(item)),
		};
	if ("tensor" in value)
		return { type: AttributeType.TENSOR, t: tensorProto(value.tensor) };
	if ("graph" in value)
		return { type: AttributeType.GRAPH, g: graphProto(value.graph, weights) };
	return { type: AttributeType.INTS, ints: value.map(BigInt) };
}

function initializerProto(
	{ name, constant }: OnnxInitializer,
	weights: Weights,
): TensorProto {
	const length = elementCount(constant.shape) * DTYPES[constant.dtype].bytes;
	if (length < EXTERNAL_BYTES)
		return create(TensorProtoSchema, { ...tensorProto(constant.read()), name });
	return create(TensorProtoSchema, {
		name,
		...header(constant),
		dataLocation: DataLocation.EXTERNAL,
		externalData: [
			{ key: "location", value: weights.add(constant, length) },
			{ key: "offset", value: "0" },
			{ key: "length", value: String(length) },
		],
	});
}

function tensorProto(tensor: Tensor): TensorProto {
	if (ArrayBuffer.isView(tensor.data))
		return create(TensorProtoSchema, {
			...header(tensor),
			rawData: tensorBytes(tensor),
		});
	return create(TensorProtoSchema, {
		...header(tensor),
		stringData: tensor.data.map(onnxString),
	});
}

function onnxString(bytes: Uint8Array): Uint8Array {
	return new TextEncoder().encode(textOfBytes(bytes));
}

function header({ dtype, shape }: Pick<Tensor, "dtype" | "shape">) {
	return { dims: shape.map(BigInt), dataType: DTYPES[dtype].onnx };
}

function portProto({ name, dtype, shape, symbols }: OnnxPort): ValueInfoProto {
	const dims = shape?.map((size, axis) =>
		size >= 0
			? { value: { case: "dimValue" as const, value: BigInt(size) } }
			: symbols?.[axis] === undefined
				? {}
				: { value: { case: "dimParam" as const, value: symbols[axis] } },
	);
	return create(ValueInfoProtoSchema, {
		name,
		type: {
			value: {
				case: "tensorType",
				value: {
					elemType: DTYPES[dtype].onnx,
					...(dims === undefined ? {} : { shape: { dim: dims } }),
				},
			},
		},
	});
}
