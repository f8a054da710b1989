import {
	type Metadata,
	ServerInterceptingCall,
	type ServerInterceptingCallInterface,
	type ServerInterceptor,
	type ServerListener,
	status,
} from "@grpc/grpc-js";
import { fail, type MlshipError } from "../../errors.js";
import type { Access } from "../access/access.js";
import type { Peer } from "../access/connections.js";
import type { Gate } from "../access/gate.js";
import { statusOf } from "./errors.js";
import { apiOf, scopeOf } from "./routes.js";
import type { GrpcService } from "./service.js";
import { traceOf, trailersOf } from "./trace.js";

export interface AdmissionOptions
	extends Pick<Access, "tokens" | "gate" | "limits">,
		Pick<GrpcService, "compat" | "observer"> {
	/** Hears of calls that come, and gives what is to be called when their streams are closed. */
	came(): () => void;
	/** `--grpc_max_threads`. */
	readonly threads: Gate;
	/** Ends the connection that a call came by. */
	disconnect(peer: Peer): void;
}

type Method = Parameters<ServerInterceptor>[0];

/**
 * Looks at calls before their messages have come: who has no right, or finds no place, is refused, and nobody may take
 * for ever to ask or to listen.
 */
export function admissionOf(options: AdmissionOptions): ServerInterceptor {
	const { limits, disconnect } = options;
	return (method, call) => {
		let leave: () => void = () => undefined;
		let ended: () => void = () => undefined;
		const timer = new CallTimer();
		const mustBeTaken = () =>
			timer.start(limits.answerMs, () => disconnect(call.getConnectionInfo()));
		const listener: ServerListener = {
			onReceiveMetadata: (metadata, next) => {
				ended = options.came();
				const refused = refusal(options, method, metadata);
				if (refused !== undefined) {
					refuse(options, method, call, metadata, refused);
					return;
				}
				leave = enter(options, method);
				if (!method.requestStream)
					timer.start(limits.bodyMs, () =>
						call.sendStatus(statusOf(tooSlow(limits.bodyMs))),
					);
				next(metadata);
			},
			onReceiveHalfClose: (next) => {
				timer.stop();
				next();
			},
			// however a call ends, this comes last
			onCancel: () => {
				timer.stop();
				leave();
				ended();
			},
		};
		return new ServerInterceptingCall(call, {
			start: (next) => next(listener),
			// the status comes once the message was taken
			sendMessage: (message, next) => {
				if (!method.responseStream) mustBeTaken();
				next(message);
			},
			sendStatus: (ending, next) => {
				leave();
				mustBeTaken();
				next(ending);
			},
		});
	};
}

function refusal(
	{ tokens, gate, threads }: AdmissionOptions,
	{ path }: Method,
	metadata: Metadata,
): MlshipError | undefined {
	const scope = scopeOf(path);
	const authorization = metadata.get("authorization")[0]?.toString();
	const refused = scope && tokens?.value.refusal(authorization, scope)?.error;
	if (refused !== undefined || apiOf(path) === undefined) return refused;
	// ResourceQuota::SetMaxThreads refuses with the same status
	if (threads.isFull) return threads.refusal("OVERLOADED");
	return gate.isFull ? gate.refusal("NOT_READY") : undefined;
}

/** Ends a call as its method would have, to whoever observes calls too. */
function refuse(
	{ compat, observer }: AdmissionOptions,
	{ path }: Method,
	call: ServerInterceptingCallInterface,
	metadata: Metadata,
	error: MlshipError,
): void {
	const api = apiOf(path) ?? "other";
	const getPeer = () => call.getPeer();
	const trace = traceOf({ path, api }, { metadata, request: NOTHING, getPeer });
	const { code, details } = statusOf(error, compat);
	const trailers = trailersOf(trace, compat);
	call.sendStatus({ code, details, ...(trailers && { metadata: trailers }) });
	observer?.began?.(trace);
	observer?.ended(trace, { code: status[code], status: code, bytesOut: 0 });
}

const NOTHING = Buffer.alloc(0);

function enter(
	{ gate, threads }: AdmissionOptions,
	{ path }: Method,
): () => void {
	if (apiOf(path) === undefined) return () => undefined;
	const leaves = [gate.enter(), threads.enter()];
	return () => {
		for (const leave of leaves) leave();
	};
}

function tooSlow(limit: number): MlshipError {
	return fail(
		"TIMEOUT",
		`cannot read the request: it did not come within ${limit} ms (--body-timeout)`,
	);
}

/** One limit at a time. */
class CallTimer {
	#timer: NodeJS.Timeout | undefined;

	/** Never ends with 0. */
	start(limit: number, onEnd: () => void): void {
		this.stop();
		if (limit > 0) this.#timer = setTimeout(onEnd, limit).unref();
	}

	stop(): void {
		clearTimeout(this.#timer);
	}
}
