import { create, toBinary } from "@bufbuild/protobuf";
import {
	type AttributeProto,
	AttributeProtoSchema,
	AttributeProto_AttributeType as AttributeType,
	TensorProto_DataLocation as DataLocation,
	type GraphProto,
	GraphProtoSchema,
	type ModelProto,
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
import { OPSET } from "./versions.js";

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
	const weights: ExternalWeights[] = [];
	const place: PlaceWeight = (constant, byteLength) => {
		const path = `weights-${weights.length}`;
		weights.push({ path, byteLength, constant });
		return externalData(path, 0, byteLength);
	};
	const message = modelProto(graphProto(graph, { place, text: onnxString }));
	return { model: toBinary(ModelProtoSchema, message), weights };
}

/** One character a byte (strings.ts), which ONNX Runtime takes as UTF-8. */
function onnxString(bytes: Uint8Array): Uint8Array {
	return new TextEncoder().encode(textOfBytes(bytes));
}

/** The message around a graph, which may be left to be written behind it. */
export function modelProto(
	graph?: GraphProto,
	{ opset = OPSET, domains = [MICROSOFT] }: ModelVersions = {},
): ModelProto {
	return create(ModelProtoSchema, {
		irVersion: BigInt(irVersion(opset)),
		producerName: "mlship",
		...(graph === undefined ? {} : { graph }),
		opsetImport: [
			{ domain: "", version: BigInt(opset) },
			...domains.map((domain) => ({
				domain,
				version: DOMAIN_VERSIONS[domain] ?? 1n,
			})),
		],
	});
}

export interface ModelVersions {
	readonly opset?: number;
	/** Domains of operations beyond ONNX's own. */
	readonly domains?: readonly string[];
}

const MICROSOFT = "com.microsoft";

/** Of which LabelEncoder has int64 and strings since (onnx/docs/Changelog-ml.md). */
const DOMAIN_VERSIONS: Readonly<Record<string, bigint | undefined>> = {
	"ai.onnx.ml": 2n,
};

/** The oldest form of the file that has an opset (onnx/docs/Versioning.md). */
function irVersion(opset: number): number {
	if (opset >= 21) return 10;
	return opset >= 19 ? 9 : opset >= 15 ? 8 : 7;
}

/** What may be written one way or another. */
export interface OnnxForm {
	readonly place: PlaceWeight;
	/** The bytes of a string, as they stand in the file. */
	readonly text: (bytes: Uint8Array) => Uint8Array;
}

/** Says where the elements of a large initializer are; they are left out where it says nothing. */
export type PlaceWeight = (
	constant: Constant,
	byteLength: number,
	name: string,
) => TensorPlace | undefined;

export type TensorPlace = Pick<TensorProto, "dataLocation" | "externalData">;

/** Bytes of a file beside the model (onnx/docs/ExternalData.md). */
export function externalData(
	location: string,
	offset: number,
	length: number,
): TensorPlace {
	const { externalData } = create(TensorProtoSchema, {
		externalData: [
			{ key: "location", value: location },
			{ key: "offset", value: String(offset) },
			{ key: "length", value: String(length) },
		],
	});
	return { dataLocation: DataLocation.EXTERNAL, externalData };
}

/** A graph, but for the large initializers that its form leaves out. */
export function graphProto(graph: OnnxGraph, form: OnnxForm): GraphProto {
	return create(GraphProtoSchema, {
		name: graph.name,
		node: graph.nodes.map((node) => nodeProto(node, form)),
		initializer: graph.initializers.flatMap((initializer) =>
			initializerProto(initializer, form),
		),
		input: graph.inputs.map(portProto),
		output: graph.outputs.map(portProto),
	});
}

function nodeProto(node: OnnxNode, form: OnnxForm) {
	return create(NodeProtoSchema, {
		opType: node.op,
		domain: node.domain,
		name: node.name,
		input: [...node.inputs],
		output: [...node.outputs],
		attribute: Object.entries(node.attrs).map(([name, value]) =>
			attributeProto(name, value, form),
		),
	});
}

function attributeProto(
	name: string,
	value: OnnxAttr,
	form: OnnxForm,
): AttributeProto {
	return create(AttributeProtoSchema, {
		name,
		...attributeValue(value, form),
	});
}

function attributeValue(value: OnnxAttr, form: OnnxForm) {
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
		return { type: AttributeType.TENSOR, t: tensorProto(value.tensor, form) };
	if ("graph" in value)
		return { type: AttributeType.GRAPH, g: graphProto(value.graph, form) };
	return { type: AttributeType.INTS, ints: value.map(BigInt) };
}

function initializerProto(
	{ name, constant }: OnnxInitializer,
	form: OnnxForm,
): readonly TensorProto[] {
	const length = elementCount(constant.shape) * DTYPES[constant.dtype].bytes;
	if (length < EXTERNAL_BYTES)
		return [
			create(TensorProtoSchema, {
				...tensorProto(constant.read(), form),
				name,
			}),
		];
	const placed = form.place(constant, length, name);
	return placed === undefined
		? []
		: [create(TensorProtoSchema, { ...headerOf(constant), name, ...placed })];
}

function tensorProto(tensor: Tensor, { text }: OnnxForm): TensorProto {
	if (ArrayBuffer.isView(tensor.data))
		return create(TensorProtoSchema, {
			...headerOf(tensor),
			rawData: tensorBytes(tensor),
		});
	return create(TensorProtoSchema, {
		...headerOf(tensor),
		stringData: tensor.data.map(text),
	});
}

/** What a tensor is, without its elements. */
export function headerOf({ dtype, shape }: Pick<Tensor, "dtype" | "shape">) {
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
