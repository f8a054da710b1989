import { MlshipError } from "../../lib/errors.js";
import type {
	GrpcServer,
	GrpcServerOptions,
} from "../../lib/serving/grpc/server.js";
import type { FlagValues } from "./flags.js";

/** What the options of `serve` say about gRPC. */
export interface GrpcSettings
	extends Pick<
		GrpcServerOptions,
		"port" | "socketPath" | "maxCalls" | "callTimeoutMs" | "form"
	> {
	/** Whether the port was asked for, and its loss is a failure. */
	readonly isPortGiven: boolean;
	/** Read when a server is opened. */
	readonly channelArguments: string;
}

/** TensorFlow Serving's. */
const DEFAULT_PORT = 8500;

/** What the flags say about gRPC. */
export function grpcSettings(flags: FlagValues): GrpcSettings {
	const { port = DEFAULT_PORT } = flags;
	return {
		port: port === "none" ? undefined : port,
		isPortGiven: flags.port !== undefined,
		socketPath: flags.grpc_socket_path || undefined,
		channelArguments: flags.grpc_channel_arguments ?? "",
		maxCalls: flags.grpc_max_threads || undefined,
		callTimeoutMs: flags.request_timeout,
		form: flags.enable_serialization_as_tensor_content ? "content" : "fields",
	};
}

/**
 * Listens for gRPC where the settings want it. Nobody has to give up a port for what he did not ask for: where the default
 * one is in use, `note` hears of it and there is no server.
 */
export async function openGrpc(
	settings: GrpcSettings,
	options: Omit<GrpcServerOptions, keyof GrpcSettings>,
	note: (text: string) => void,
): Promise<GrpcServer | undefined> {
	const { port, socketPath, isPortGiven, ...rest } = settings;
	if (port === undefined && socketPath === undefined) return undefined;
	// only here, as loading gRPC takes longer than most commands
	const [{ openGrpcServer }, { parseChannelArguments }] = await Promise.all([
		import("../../lib/serving/grpc/server.js"),
		import("../../lib/serving/grpc/channel-arguments.js"),
	]);
	const channelArguments = parseChannelArguments(rest.channelArguments);
	try {
		return await openGrpcServer({
			...{ ...options, ...rest, port, socketPath, channelArguments },
		});
	} catch (error) {
		const isTaken = error instanceof MlshipError && error.code === "NOT_READY";
		if (isPortGiven || socketPath !== undefined || !isTaken) throw error;
		note(
			`note: gRPC is not served, port ${port} is in use: choose another with --port, or none with --port 0\n`,
		);
		return undefined;
	}
}
