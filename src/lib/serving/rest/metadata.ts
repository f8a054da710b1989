import { type JsonValue, toJson } from "@bufbuild/protobuf";
import type { SignatureDef, TensorInfo } from "../../../gen/saved_model_pb.js";
import {
	type TensorProto,
	TensorProtoSchema,
	type TensorShapeProto,
} from "../../../gen/tensor_pb.js";
import { dataTypeName } from "../../tensor/dtype.js";

/**
 * GetModelMetadataResponse as TensorFlow Serving prints it: two messages in protobuf's JSON, fields in its order, defaults
 * printed, with braces around them that were put there by hand (http_rest_api_util.cc, ToJsonString).
 */
export function metadataText(
	model: string,
	version: bigint,
	definitions: Readonly<Record<string, SignatureDef>>,
): string {
	const spec = { name: model, signature_name: "", version: String(version) };
	const signatures = { signature_def: mapValues(definitions, signatureJson) };
	return `{\n"model_spec":${pretty(spec)},\n"metadata": {"signature_def": ${pretty(signatures)}}\n}\n`;
}

function pretty(value: unknown): string {
	return `${JSON.stringify(value, null, 1)}\n`;
}

function mapValues<From, To>(
	map: Readonly<Record<string, From>>,
	convert: (value: From) => To,
): Record<string, To> {
	return Object.fromEntries(
		Object.entries(map).map(([key, value]) => [key, convert(value)]),
	);
}

function signatureJson(definition: SignatureDef) {
	return {
		inputs: mapValues(definition.inputs, tensorInfoJson),
		outputs: mapValues(definition.outputs, tensorInfoJson),
		method_name: definition.methodName,
		defaults: mapValues(definition.defaults, tensorJson),
	};
}

function tensorInfoJson({ dtype, tensorShape, encoding }: TensorInfo): unknown {
	return {
		dtype: dataTypeName(dtype),
		...(tensorShape && { tensor_shape: shapeJson(tensorShape) }),
		...encodingJson(encoding),
	};
}

function shapeJson({ dim, unknownRank }: TensorShapeProto) {
	return {
		dim: dim.map(({ size, name }) => ({ size: String(size), name })),
		unknown_rank: unknownRank,
	};
}

function encodingJson(
	encoding: TensorInfo["encoding"],
): Readonly<Record<string, unknown>> {
	if (encoding.case === "name") return { name: encoding.value };
	if (encoding.case === "cooSparse") {
		const { valuesTensorName, indicesTensorName, denseShapeTensorName } =
			encoding.value;
		return {
			coo_sparse: {
				values_tensor_name: valuesTensorName,
				indices_tensor_name: indicesTensorName,
				dense_shape_tensor_name: denseShapeTensorName,
			},
		};
	}
	if (encoding.case === "compositeTensor")
		return {
			composite_tensor: {
				components: encoding.value.components.map(tensorInfoJson),
			},
		};
	return {};
}

function tensorJson(tensor: TensorProto): JsonValue {
	return toJson(TensorProtoSchema, tensor, {
		alwaysEmitImplicit: true,
		useProtoFieldName: true,
	});
}
