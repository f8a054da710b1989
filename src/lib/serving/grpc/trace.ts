import { Metadata, type ServerUnaryCall } from "@grpc/grpc-js";
import type { Compat } from "../../tensor/json/source.js";
import type { Api, Trace } from "../observer.js";
import { requestId } from "../request-id.js";

/** The header that request ids come in by, and the trailer that they go out by. */
export const ID_HEADER = "x-request-id";

/** What is called. */
export interface Method {
	/** `/service/method` */
	readonly path: string;
	readonly api: Api;
}

/** A request that was read, of which nothing else is known yet. */
export function traceOf(
	{ path, api }: Method,
	call: Pick<
		ServerUnaryCall<Buffer, Uint8Array>,
		"metadata" | "request" | "getPeer"
	>,
): Trace {
	const id = call.metadata.get(ID_HEADER)[0];
	return {
		id: requestId(id?.toString()),
		protocol: "grpc",
		since: performance.now(),
		bytesIn: call.request.length,
		remote: withoutPort(call.getPeer()),
		method: "POST",
		path,
		api,
		model: undefined,
		version: undefined,
		examples: undefined,
		runMs: undefined,
	};
}

/** What a request's id goes out by; TensorFlow Serving has none. */
export function trailersOf(
	{ id }: Trace,
	compat: Compat,
): Metadata | undefined {
	if (compat === "strict") return undefined;
	const trailers = new Metadata();
	trailers.set(ID_HEADER, id);
	return trailers;
}

function withoutPort(peer: string): string {
	const colon = peer.lastIndexOf(":");
	return colon < 0 ? peer : peer.slice(0, colon);
}
