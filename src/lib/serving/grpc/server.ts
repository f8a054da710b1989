import type { Socket } from "node:net";
import { type ChannelOptions, Server, ServerCredentials } from "@grpc/grpc-js";
import { Health as HealthService } from "../../../gen/health_pb.js";
import { ServerReflection } from "../../../gen/reflection_v1_pb.js";
import { ServerReflection as ServerReflectionAlpha } from "../../../gen/reflection_v1alpha_pb.js";
import { definitionOf } from "./definition.js";
import { healthOf } from "./health.js";
import { type Listener, listen } from "./listener.js";
import { reflectionOf } from "./reflection.js";
import { ROUTES } from "./routes.js";
import type { GrpcService } from "./service.js";
import { type Gate, unaryCall } from "./unary.js";

export interface GrpcServerOptions
	extends Partial<Omit<GrpcService, "host" | "maxBody" | "whyNotReady">>,
		Pick<GrpcService, "host" | "maxBody" | "whyNotReady"> {
	/** Where to listen: an IP address or a name. */
	readonly address: string;
	/** 0 takes a free one; without it only `socketPath` is listened on. */
	readonly port?: number | undefined;
	/** A Unix socket besides; one that is left of a process before is replaced. */
	readonly socketPath?: string | undefined;
	/** TLS; plain text without it. */
	readonly credentials?: ServerCredentials;
	/** `--grpc_channel_arguments`. */
	readonly channelArguments?: ChannelOptions;
	/** Calls at once; more are refused. */
	readonly maxCalls?: number | undefined;
}

/** TensorFlow Serving's gRPC, listening. Has a lifetime: `close()` lets the calls under way finish. */
export interface GrpcServer {
	/** The one that was taken; 0 where there is only a Unix socket. */
	readonly port: number;
	close(): Promise<void>;
}

/** Listens; fails with NOT_READY where the port is in use, with DENIED where it is not ours to take. */
export async function openGrpcServer(
	options: GrpcServerOptions,
): Promise<GrpcServer> {
	const { address, port, socketPath } = options;
	const { server, stopStreams } = buildServer(options);
	const injector = server.createConnectionInjector(
		options.credentials ?? ServerCredentials.createInsecure(),
	);
	const connect = (socket: Socket) => {
		injector.injectConnection(socket);
	};
	const listeners: Listener[] = [];
	try {
		if (port !== undefined)
			listeners.push(await listen({ host: address, port }, connect));
		if (socketPath !== undefined)
			listeners.push(await listen({ path: socketPath }, connect));
	} catch (error) {
		for (const listener of listeners) listener.stop();
		server.forceShutdown();
		throw error;
	}
	return {
		port: listeners[0]?.port ?? 0,
		close: async () => {
			for (const listener of listeners) listener.stop();
			stopStreams();
			await shutDown(server);
		},
	};
}

function buildServer(options: GrpcServerOptions): {
	readonly server: Server;
	stopStreams(): void;
} {
	const { maxBody, maxCalls = Number.POSITIVE_INFINITY } = options;
	const server = new Server({
		"grpc.max_send_message_length": -1,
		...options.channelArguments,
		"grpc.max_receive_message_length": Math.min(maxBody, MAX_MESSAGE),
	});
	const service: GrpcService = {
		form: "fields",
		compat: "default",
		...options,
	};
	const gate: Gate = { running: 0, most: maxCalls };
	for (const route of ROUTES) {
		const definition = definitionOf(route.service);
		server.addService(
			definition,
			Object.fromEntries(
				Object.entries(route.methods).map(([name, [api, answer]]) => {
					const { path } = definition[name];
					return [name, unaryCall({ path, api }, answer, service, gate)];
				}),
			),
		);
	}
	const health = healthOf(service);
	const reflection = reflectionOf([
		...ROUTES.map((route) => route.service),
		HealthService,
		ServerReflection,
		ServerReflectionAlpha,
	]);
	server.addService(definitionOf(HealthService), health.implementation);
	for (const version of [ServerReflection, ServerReflectionAlpha])
		server.addService(definitionOf(version), reflection.implementation);
	return {
		server,
		stopStreams: () => {
			health.close();
			reflection.close();
		},
	};
}

/** TensorFlow Serving's own limit (server.cc). */
const MAX_MESSAGE = 2 ** 31 - 1;

/** What Kubernetes and Docker wait for before they kill (30 s and 10 s), less than the longer of the two. */
const LIMIT_MS = 25_000;

/** Tells clients to go elsewhere (GOAWAY), and waits for the calls under way. */
async function shutDown(server: Server): Promise<void> {
	const limit = setTimeout(() => server.forceShutdown(), LIMIT_MS);
	await new Promise<void>((resolve) => {
		server.tryShutdown(() => resolve());
	});
	clearTimeout(limit);
}
