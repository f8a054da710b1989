import type { handleUnaryCall } from "@grpc/grpc-js";
import { fail } from "../../errors.js";
import { statusOf } from "./errors.js";
import type { AnswerBytes, GrpcService } from "./service.js";

/** How many calls are under way, and how many may be. */
export interface Gate {
	running: number;
	readonly most: number;
}

/** A method as grpc-js calls it. A caller that waits no longer, by its deadline or its own will, ends the wait here too. */
export function unaryCall(
	answer: AnswerBytes,
	service: GrpcService,
	gate: Gate,
): handleUnaryCall<Buffer, Uint8Array> {
	return (call, callback) => {
		if (gate.running >= gate.most) {
			callback(statusOf(tooMany(gate.most)));
			return;
		}
		const controller = new AbortController();
		call.once("cancelled", () => {
			controller.abort(gone(call.getDeadline()));
		});
		gate.running++;
		const { signal } = controller;
		const header = (name: string) => call.metadata.get(name)[0]?.toString();
		attempt(() => answer(service, call.request, { signal, header }))
			.then(
				(response) => callback(null, response),
				(error: unknown) => callback(statusOf(error, service.compat)),
			)
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
