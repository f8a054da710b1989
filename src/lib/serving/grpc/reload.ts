import { create, toBinary } from "@bufbuild/protobuf";
import {
	ReloadConfigRequestSchema,
	ReloadConfigResponseSchema,
} from "../../../gen/model_service_pb.js";
import { fail } from "../../errors.js";
import { readRequest } from "./codec.js";
import type { AnswerBytes, GrpcService } from "./service.js";
import { statusProto } from "./status.js";

/** ModelService.HandleReloadConfigRequest (model_service_impl.cc). */
export const answerReload: AnswerBytes = async (service, bytes) => {
	const { config, metricNames } = readRequest(ReloadConfigRequestSchema, bytes);
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
	const before = await valuesOf(metricNames, service);
	await service.reload(config);
	const after = await valuesOf(metricNames, service);
	return toBinary(
		ReloadConfigResponseSchema,
		create(ReloadConfigResponseSchema, {
			status: statusProto(undefined),
			metric: [...after].map(([name, value]) => ({
				name,
				valueIncrease: {
					case: "int64ValueIncrease" as const,
					value: BigInt(Math.round(value - (before.get(name) ?? 0))),
				},
			})),
		}),
	);
};

/** By name, each once; 0 for what there is not. */
async function valuesOf(
	names: readonly string[],
	{ counterValue = async () => 0 }: GrpcService,
): Promise<ReadonlyMap<string, number>> {
	const values = new Map<string, number>();
	for (const name of names.slice(0, MAX_NAMES))
		values.set(name, await counterValue(name));
	return values;
}

/** More than there are metrics. */
const MAX_NAMES = 1000;
