import { create } from "@bufbuild/protobuf";
import {
	type MetaGraphDef,
	MetaGraphDefSchema,
	type TensorInfo,
	TensorInfoSchema,
} from "../../gen/saved_model_pb.js";
import { SERVE_TAG } from "../savedmodel/read.js";
import { DEFAULT_SIGNATURE } from "../savedmodel/signature.js";
import { DTYPES } from "../tensor/dtype.js";
import type { OnnxPort, OnnxPorts } from "./ports.js";

/** A meta graph without a graph: an ONNX model as TensorFlow Serving's clients know models, with one signature. */
export function onnxMetaGraph({ inputs, outputs }: OnnxPorts): MetaGraphDef {
	return create(MetaGraphDefSchema, {
		metaInfoDef: { tags: [SERVE_TAG] },
		signatureDef: {
			[DEFAULT_SIGNATURE]: {
				methodName: "tensorflow/serving/predict",
				inputs: infos(inputs),
				outputs: infos(outputs),
			},
		},
	});
}

function infos(ports: readonly OnnxPort[]): Record<string, TensorInfo> {
	return Object.fromEntries(ports.map((port) => [port.name, infoOf(port)]));
}

function infoOf({ value, dtype, shape }: OnnxPort): TensorInfo {
	return create(TensorInfoSchema, {
		encoding: { case: "name", value },
		dtype: DTYPES[dtype].tf,
		tensorShape:
			shape === undefined
				? { unknownRank: true }
				: { dim: shape.map((size) => ({ size: BigInt(size) })) },
	});
}
