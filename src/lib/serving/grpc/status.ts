import { create, toBinary } from "@bufbuild/protobuf";
import { Code } from "../../../gen/error_codes_pb.js";
import {
	GetModelStatusRequestSchema,
	GetModelStatusResponseSchema,
	ModelVersionStatus_State,
} from "../../../gen/model_service_pb.js";
import { status } from "../calls.js";
import { readRequest } from "./codec.js";
import { statusOf } from "./errors.js";
import type { AnswerBytes } from "./service.js";
import { namedSpec } from "./spec.js";

/** ModelService.GetModelStatus (get_model_status_impl.cc). */
export const answerStatus: AnswerBytes = ({ host }, bytes, { trace }) => {
	const { modelSpec } = readRequest(GetModelStatusRequestSchema, bytes);
	const spec = namedSpec(modelSpec);
	if (trace !== undefined) trace.model = spec.model;
	const response = create(GetModelStatusResponseSchema, {
		modelVersionStatus: status(host, spec).map(({ version, state, error }) => ({
			version,
			state: ModelVersionStatus_State[state],
			status: statusProto(error),
		})),
	});
	return toBinary(GetModelStatusResponseSchema, response);
};

/** StatusProto, of a failure or of none. */
export function statusProto(error: unknown): {
	readonly errorCode: Code;
	readonly errorMessage: string;
} {
	if (error === undefined) return { errorCode: Code.OK, errorMessage: "" };
	const { code, details } = statusOf(error);
	// TensorFlow's codes are gRPC's
	return { errorCode: code as number as Code, errorMessage: details };
}
