import { type handleUnaryCall, status } from "@grpc/grpc-js";
import { fail } from "../../errors.js";
import { withDeadline } from "../access/deadline.js";
import { statusOf } from "./errors.js";
import type { AnswerBytes, GrpcService } from "./service.js";
import { type Method, traceOf, trailersOf } from "./trace.js";

/**
 * A method as grpc-js calls it. A caller that waits no longer, by its deadline or its own will, ends the wait here too; so do
 * milliseconds, if they are more than 0. Ids of requests are told in trailers, which come with answers and failures alike.
 */
export function unaryCall(
	method: Method,
	answer: AnswerBytes,
	service: GrpcService,
	timeoutMs: number,
): handleUnaryCall<Buffer, Uint8Array> {
	const { observer, compat } = service;
	return (call, callback) => {
		const trace = traceOf(method, call);
		const trailers = trailersOf(trace, compat);
		const succeed = (response: Uint8Array) => {
			callback(null, response, trailers);
			const bytesOut = response.length;
			observer?.ended(trace, { code: "OK", status: status.OK, bytesOut });
		};
		const refuse = (error: unknown) => {
			const { code, details } = statusOf(error, compat);
			callback({ code, details, ...(trailers && { metadata: trailers }) });
			observer?.ended(trace, { code: status[code], status: code, bytesOut: 0 });
		};
		observer?.began?.(trace);
		const controller = new AbortController();
		call.once("cancelled", () => {
			controller.abort(gone(call.getDeadline()));
		});
		const header = (name: string) => call.metadata.get(name)[0]?.toString();
		withDeadline(
			timeoutMs,
			async (signal = controller.signal) =>
				answer(service, call.request, { signal, header, trace }),
			controller.signal,
		).then(succeed, refuse);
	};
}

function gone(deadline: Date | number): Error {
	return Number(deadline) <= Date.now()
		? fail("TIMEOUT", "Deadline exceeded")
		: fail("TIMEOUT", "the caller waits no longer");
}
