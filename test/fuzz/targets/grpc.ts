import type { DescMessage } from "@bufbuild/protobuf";
import { HealthCheckRequestSchema } from "../../../src/gen/health_pb.js";
import { ReloadConfigRequestSchema } from "../../../src/gen/model_service_pb.js";
import { GetModelMetadataRequestSchema } from "../../../src/gen/prediction_pb.js";
import { ServerReflectionRequestSchema } from "../../../src/gen/reflection_v1_pb.js";
import { TensorProtoSchema } from "../../../src/gen/tensor_pb.js";
import { decodeMessage } from "../../../src/lib/formats/protobuf.js";
import { WireReader } from "../../../src/lib/formats/wire.js";
import { readModelServerConfig } from "../../../src/lib/serving/config/models.js";
import {
	encodePredictResponse,
	readPredictRequest,
	readRequest,
} from "../../../src/lib/serving/grpc/codec.js";
import {
	readExampleRequest,
	readMultiInferenceRequest,
} from "../../../src/lib/serving/grpc/example-request.js";
import { answeredSpec } from "../../../src/lib/serving/grpc/spec.js";
import { readTensor } from "../../../src/lib/serving/grpc/tensor-reader.js";
import { tensorFromProto } from "../../../src/lib/tensor/proto.js";
import { anyOf } from "../outcome.js";
import type { Target } from "../target.js";
import { mutateMessage } from "../wire.js";

/** Bytes that the tensors of a request may take here. */
const BUDGET = 2 ** 20;

export const predictRequest: Target = {
	name: "predict-request",
	codes: ["INVALID", "UNSUPPORTED", "CORRUPT"],
	mutate: mutateMessage,
	rounds: 4000,
	read: (bytes) => {
		const { inputs } = readPredictRequest(bytes);
		const budget = { bytes: BUDGET };
		const tensors = [...inputs].map(
			([name, input]) => [name, input.read(budget)] as const,
		);
		const outputs = Object.fromEntries(tensors);
		const spec = answeredSpec("m", 1n);
		const answers = (["fields", "content"] as const).map((form) =>
			encodePredictResponse(outputs, spec, form),
		);
		return { tensors, answers };
	},
};

/** In both places where they are read: requests, and graphs. */
export const tensorProto: Target = {
	name: "tensor-proto",
	codes: ["INVALID", "UNSUPPORTED", "CORRUPT"],
	mutate: mutateMessage,
	rounds: 4000,
	read: (bytes) => {
		const sent = () => readTensor(new WireReader(bytes), { bytes: BUDGET });
		const [tensor] = anyOf([sent]);
		return [tensor, tensorFromProto(decodeMessage(TensorProtoSchema, bytes))];
	},
};

export const exampleRequest: Target = {
	name: "example-request",
	codes: ["INVALID"],
	mutate: mutateMessage,
	rounds: 4000,
	read: (bytes) =>
		anyOf([
			() => readExampleRequest(bytes, BUDGET),
			() => readMultiInferenceRequest(bytes, BUDGET),
		]),
};

const OTHERS: readonly DescMessage[] = [
	GetModelMetadataRequestSchema,
	HealthCheckRequestSchema,
	ServerReflectionRequestSchema,
];

export const otherRequests: Target = {
	name: "other-requests",
	codes: ["INVALID", "UNSUPPORTED"],
	mutate: mutateMessage,
	rounds: 3000,
	read: (bytes) =>
		anyOf([
			...OTHERS.map((schema) => () => readRequest(schema, bytes)),
			() => {
				const { config } = readRequest(ReloadConfigRequestSchema, bytes);
				return config && readModelServerConfig(config, "default");
			},
		]),
};
