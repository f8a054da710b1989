import { create, toBinary } from "@bufbuild/protobuf";
import {
	ReloadConfigRequestSchema,
	ReloadConfigResponseSchema,
} from "../../../gen/model_service_pb.js";
import { fail } from "../../errors.js";
import { readRequest } from "./codec.js";
import type { AnswerBytes } from "./service.js";
import { statusProto } from "./status.js";

/** ModelService.HandleReloadConfigRequest (model_service_impl.cc). */
export const answerReload: AnswerBytes = async (service, bytes) => {
	const { config } = readRequest(ReloadConfigRequestSchema, bytes);
	if (config?.config.case !== "modelConfigList")
		throw fail(
			"INVALID",
			"ServerModelConfig type not supported by HandleReloadConfigRequest. Only ModelConfigList is currently supported",
		);
	if (service.reload === undefined)
		throw fail(
			"UNSUPPORTED",
			"cannot reload the configuration: this server was started without one",
		);
	await service.reload(config);
	return toBinary(
		ReloadConfigResponseSchema,
		create(ReloadConfigResponseSchema, { status: statusProto(undefined) }),
	);
};
