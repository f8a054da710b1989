import { fail, MlshipError } from "../../lib/errors.js";
import type {
	GrpcServer,
	GrpcServerOptions,
} from "../../lib/serving/grpc/server.js";
import type { ServeOptions } from "../serve.js";

/** What the options of `serve` say about gRPC. */
export interface GrpcSettings
	extends Pick<GrpcServerOptions, "port" | "socketPath" | "maxCalls" | "form"> {
	/** Whether the port was asked for, and its loss is a failure. */
	readonly isPortGiven: boolean;
	/** Read when a server is opened. */
	readonly channelArguments: string;
}

/** TensorFlow Serving's. */
const DEFAULT_PORT = "8500";

/** Reads the options; fails with INVALID. */
export function readGrpcSettings(options: ServeOptions): GrpcSettings {
	const port = readPort(options.port ?? DEFAULT_PORT);
	const socketPath = options.grpc_socket_path || undefined;
	const isContent = isOn(options.enable_serialization_as_tensor_content);
	return {
		port: port === 0 ? undefined : port,
		isPortGiven: options.port !== undefined,
		socketPath,
		channelArguments: options.grpc_channel_arguments ?? "",
		maxCalls: readMaxCalls(options.grpc_max_threads),
		form: isContent ? "content" : "fields",
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
		const given = { ...options, ...rest, port, socketPath, channelArguments };
		return await openGrpcServer(given);
	} catch (error) {
		const isTaken = error instanceof MlshipError && error.code === "NOT_READY";
		if (isPortGiven || socketPath !== undefined || !isTaken) throw error;
		note(
			`note: gRPC is not served, port ${port} is in use: choose another with --port, or none with --port 0\n`,
		);
		return undefined;
	}
}

function readPort(text: string): number {
	const port = Number(text);
	if (!/^\d+$/.test(text) || port > 65_535)
		throw fail(
			"INVALID",
			`cannot listen on port "${text}": a number from 0 to 65535 is wanted`,
		);
	return port;
}

function readMaxCalls(text: string | undefined): number | undefined {
	if (text === undefined) return undefined;
	if (!/^\d+$/.test(text) || Number(text) < 1)
		throw fail(
			"INVALID",
			`cannot use --grpc_max_threads ${text}: a number from 1 on is wanted`,
		);
	return Number(text);
}

function isOn(value: string | boolean | undefined): boolean {
	return value !== undefined && value !== "false" && value !== "0";
}
