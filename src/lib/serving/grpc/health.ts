import { create, toBinary } from "@bufbuild/protobuf";
import {
	type ServerWritableStream,
	type sendUnaryData,
	status,
	type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import {
	HealthCheckRequestSchema,
	HealthCheckResponse_ServingStatus,
	HealthCheckResponseSchema,
} from "../../../gen/health_pb.js";
import { readRequest } from "./codec.js";
import { statusOf } from "./errors.js";
import { ROUTES } from "./routes.js";
import type { GrpcService } from "./service.js";

/** gRPC's health checking. Has a lifetime: `close()` tells those that watch, and lets them go. */
export interface Health {
	readonly implementation: UntypedServiceImplementation;
	close(): void;
}

type Watch = ServerWritableStream<Buffer, Uint8Array>;

const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } =
	HealthCheckResponse_ServingStatus;

/** How often those that watch are looked after, in milliseconds. */
const POLL_MS = 200;

/**
 * The empty name and those of the services, also without their package as upstream has them, serve when traffic should come;
 * names of models when one of their versions answers.
 */
export function healthOf(service: GrpcService): Health {
	const watches = new Map<Watch, () => void>();
	let isClosed = false;
	const stateOf = (name: string): HealthCheckResponse_ServingStatus => {
		if (SERVICE_NAMES.has(name))
			return !isClosed && service.whyNotReady() === undefined
				? SERVING
				: NOT_SERVING;
		if (service.host.statuses(name).length === 0) return SERVICE_UNKNOWN;
		return !isClosed && service.host.isAvailable(name) ? SERVING : NOT_SERVING;
	};
	return {
		implementation: {
			Check: (
				call: { readonly request: Buffer },
				callback: sendUnaryData<Uint8Array>,
			) => {
				try {
					const name = serviceOf(call.request);
					const state = stateOf(name);
					if (state !== SERVICE_UNKNOWN) callback(null, encoded(state));
					else
						callback({
							code: status.NOT_FOUND,
							details: `unknown service: ${name.slice(0, 100)}`,
						});
				} catch (error) {
					callback(statusOf(error));
				}
			},
			Watch: (call: Watch) => {
				try {
					const name = serviceOf(call.request);
					watches.set(
						call,
						watch(call, () => stateOf(name)),
					);
					call.once("cancelled", () => {
						watches.get(call)?.();
						watches.delete(call);
					});
				} catch (error) {
					call.emit("error", statusOf(error));
				}
			},
		},
		close: () => {
			isClosed = true;
			for (const [call, stop] of watches) {
				stop();
				call.end();
			}
			watches.clear();
		},
	};
}

const SERVICE_NAMES: ReadonlySet<string> = new Set([
	"",
	...ROUTES.flatMap(({ service }) => [service.name, service.typeName]),
]);

function serviceOf(request: Buffer): string {
	return readRequest(HealthCheckRequestSchema, request).service;
}

function encoded(state: HealthCheckResponse_ServingStatus): Uint8Array {
	return toBinary(
		HealthCheckResponseSchema,
		create(HealthCheckResponseSchema, { status: state }),
	);
}

/** Tells the state at once and whenever it is another; the returned function tells it once more and stops. */
function watch(
	call: Watch,
	stateOf: () => HealthCheckResponse_ServingStatus,
): () => void {
	let told: HealthCheckResponse_ServingStatus | undefined;
	const tell = () => {
		const state = stateOf();
		if (state === told) return;
		told = state;
		call.write(encoded(state));
	};
	tell();
	const timer = setInterval(tell, POLL_MS).unref();
	return () => {
		clearInterval(timer);
		if (!call.cancelled) tell();
	};
}
