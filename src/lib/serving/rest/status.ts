import { ERROR_CODES } from "../../errors.js";
import type { Host, VersionStatus } from "../host.js";

/** GetModelStatusResponse as TensorFlow Serving prints it: protobuf's JSON, a space a level, a newline at the end. */
export function statusText(statuses: readonly VersionStatus[]): string {
	return pretty(statusJson(statuses));
}

/** All models with their versions: ours, TensorFlow Serving has no such list. */
export function modelsText(host: Host): string {
	return pretty({
		models: host.names.map((name) => ({
			name,
			...statusJson(host.statuses(name)),
		})),
	});
}

function pretty(value: unknown): string {
	return `${JSON.stringify(value, null, 1)}\n`;
}

/** An int64 is a string in protobuf's JSON. */
function statusJson(statuses: readonly VersionStatus[]) {
	return {
		model_version_status: statuses.map(({ version, state, error }) => ({
			version: String(version),
			state,
			status: {
				error_code: error === undefined ? "OK" : ERROR_CODES[error.code].grpc,
				error_message: error?.message ?? "",
			},
		})),
	};
}
