import { setTimeout as pause } from "node:timers/promises";
import { type ChannelOptions, Server, ServerCredentials } from "@grpc/grpc-js";
import { Health as HealthService } from "../../../gen/health_pb.js";
import { ServerReflection } from "../../../gen/reflection_v1_pb.js";
import { ServerReflection as ServerReflectionAlpha } from "../../../gen/reflection_v1alpha_pb.js";
import { type Access, OPEN_ACCESS } from "../access/access.js";
import type { Peer } from "../access/connections.js";
import { Gate } from "../access/gate.js";
import { type AdmissionOptions, admissionOf } from "./admission.js";
import { definitionOf } from "./definition.js";
import { healthOf } from "./health.js";
import { type Listener, listen, type Place } from "./listener.js";
import { reflectionOf } from "./reflection.js";
import { ROUTES } from "./routes.js";
import type { GrpcService } from "./service.js";
import { unaryCall } from "./unary.js";

export interface GrpcServerOptions
	extends Partial<Omit<GrpcService, "host" | "maxBody" | "whyNotReady">>,
		Pick<GrpcService, "host" | "maxBody" | "whyNotReady"> {
	/** Where to listen: an IP address or a name. */
	readonly address: string;
	/** 0 takes a free one; without it only `socketPath` is listened on. */
	readonly port?: number | undefined;
	/** A Unix socket besides; one that is left of a process before is replaced. */
	readonly socketPath?: string | undefined;
	/** Who may come in; everybody without it. */
	readonly access?: Access;
	/** `--grpc_channel_arguments`. */
	readonly channelArguments?: ChannelOptions;
	/** After these nobody waits for an answer, whatever the caller says; 0 or left out for ever. */
	readonly callTimeoutMs?: number | undefined;
	/** Calls at once; more are refused. */
	readonly maxCalls?: number | undefined;
}

/** TensorFlow Serving's gRPC, listening. Has a lifetime: `close()` lets the calls under way finish. */
export interface GrpcServer {
	/** The one that was taken; 0 where there is only a Unix socket. */
	readonly port: number;
	/** For `delayMs` it takes calls as before. */
	close(delayMs?: number): Promise<void>;
}

/** Listens; fails with NOT_READY where the port is in use, with DENIED where it is not ours to take. */
export async function openGrpcServer(
	options: GrpcServerOptions,
): Promise<GrpcServer> {
	const { address, port, socketPath, access = OPEN_ACCESS } = options;
	const listeners: Listener[] = [];
	let isStopping = false;
	const disconnect = (peer: Peer) => {
		for (const { connections } of listeners) connections.close(peer);
	};
	const calls = new Gate(Number.POSITIVE_INFINITY, "");
	const { server, stopStreams } = buildServer(options, access, {
		disconnect,
		came: () => calls.enter(),
	});
	// TLS is the listeners' matter
	const injector = server.createConnectionInjector(
		ServerCredentials.createInsecure(),
	);
	const places: Place[] = [
		...(port === undefined ? [] : [{ host: address, port }]),
		...(socketPath === undefined ? [] : [{ path: socketPath }]),
	];
	try {
		for (const place of places)
			listeners.push(
				await listen(place, access, (socket) => {
					// grpc-js would not tell a client to go that agreed upon TLS too late
					if (isStopping) socket.destroy();
					else injector.injectConnection(socket);
				}),
			);
	} catch (error) {
		for (const listener of listeners) listener.stop();
		server.forceShutdown();
		throw error;
	}
	return {
		port: listeners[0]?.port ?? 0,
		close: async (delayMs = 0) => {
			if (delayMs > 0) await pause(delayMs);
			for (const { connections } of listeners)
				await connections.quiet(access.drainMs);
			isStopping = true;
			for (const listener of listeners) listener.stop();
			stopStreams();
			const gone = listeners.map(({ connections }) => connections.gone());
			const closeAll = () => {
				for (const { connections } of listeners) connections.closeAll();
			};
			const idle = whenIdle(calls, closeAll);
			await shutDown(server, Promise.all(gone), access.drainMs);
			clearInterval(idle);
			closeAll();
		},
	};
}

function buildServer(
	options: GrpcServerOptions,
	access: Access,
	connected: Pick<AdmissionOptions, "disconnect" | "came">,
): {
	readonly server: Server;
	stopStreams(): void;
} {
	const { maxBody, maxCalls = Number.POSITIVE_INFINITY } = options;
	const service: GrpcService = {
		form: "fields",
		compat: "default",
		...options,
	};
	const server = new Server({
		"grpc.max_send_message_length": -1,
		"grpc.max_concurrent_streams": access.limits.streams,
		...options.channelArguments,
		"grpc.max_receive_message_length": Math.min(maxBody, MAX_MESSAGE),
		interceptors: [
			admissionOf({
				...{ ...access, ...service },
				threads: new Gate(maxCalls, "--grpc_max_threads"),
				...connected,
			}),
		],
	});
	for (const route of ROUTES) {
		const definition = definitionOf(route.service);
		server.addService(
			definition,
			Object.fromEntries(
				Object.entries(route.methods).map(([name, [api, answer]]) => {
					const { path } = definition[name];
					return [
						name,
						unaryCall(
							{ path, api },
							answer,
							service,
							options.callTimeoutMs ?? 0,
						),
					];
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

/**
 * Node ends a connection of TLS by its own word and waits for the client's, which it then may not read. So what is left is
 * closed where there was no call for a while.
 */
function whenIdle(calls: Gate, close: () => void): NodeJS.Timeout {
	let turns = 0;
	return setInterval(() => {
		turns = calls.isEmpty ? turns + 1 : 0;
		if (turns > 1) close();
	}, IDLE_MS);
}

const IDLE_MS = 1_000;

/** Tells clients to go elsewhere (GOAWAY), and waits for the calls under way, so long. */
function shutDown(
	server: Server,
	gone: Promise<unknown>,
	drainMs: number,
): Promise<void> {
	return new Promise<void>((resolve) => {
		const limit = setTimeout(() => {
			server.forceShutdown();
			resolve();
		}, drainMs);
		const end = () => {
			clearTimeout(limit);
			resolve();
		};
		// grpc-js counts on sessions that end by themselves
		gone.then(end);
		server.tryShutdown(end);
	});
}
