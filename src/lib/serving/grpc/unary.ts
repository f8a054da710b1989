import { type handleUnaryCall, Metadata, status } from "@grpc/grpc-js";
import { fail } from "../../errors.js";
import { statusOf } from "./errors.js";
import type { AnswerBytes, GrpcService } from "./service.js";
import { ID_HEADER, type Method, traceOf } from "./trace.js";

/** How many calls are under way, and how many may be. */
export interface Gate {
	running: number;
	readonly most: number;
}

/**
 * A method as grpc-js calls it. A caller that waits no longer, by its deadline or its own will, ends the wait here too. Ids of
 * requests are told in trailers, which come with answers and failures alike.
 */
export function unaryCall(
	method: Method,
	answer: AnswerBytes,
	service: GrpcService,
	gate: Gate,
): handleUnaryCall<Buffer, Uint8Array> {
	const { observer, compat } = service;
	return (call, callback) => {
		const trace = traceOf(method, call);
		const trailers = compat === "strict" ? undefined : new Metadata();
		trailers?.set(ID_HEADER, trace.id);
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
		if (gate.running >= gate.most) {
			refuse(tooMany(gate.most));
			return;
		}
		const controller = new AbortController();
		call.once("cancelled", () => {
			controller.abort(gone(call.getDeadline()));
		});
		gate.running++;
		const { signal } = controller;
		const header = (name: string) => call.metadata.get(name)[0]?.toString();
		attempt(() => answer(service, call.request, { signal, header, trace }))
			.then(succeed, refuse)
			.finally(() => {
				gate.running--;
			});
	};
}

/** ResourceQuota::SetMaxThreads refuses in the same way. */
function tooMany(most: number): Error {
	return fail(
		"OVERLOADED",
		`cannot answer: ${most} calls are under way, the limit of --grpc_max_threads`,
	);
}

function gone(deadline: Date | number): Error {
	return Number(deadline) <= Date.now()
		? fail("TIMEOUT", "Deadline exceeded")
		: fail("TIMEOUT", "the caller waits no longer");
}

async function attempt<T>(work: () => T | Promise<T>): Promise<T> {
	return work();
}
