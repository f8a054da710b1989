/**
 * THE table of failures. A code means the same at the prompt (`exit`), over REST (`http`) and over gRPC (`grpc`);
 * where TensorFlow Serving's own status differs for a case, `serving/` says so there.
 */
export const ERROR_CODES = {
	/** The caller's request, option or file content is wrong. */
	INVALID: { exit: 2, http: 400, grpc: "INVALID_ARGUMENT" },
	/** No such path, model, version, label, signature. */
	NOT_FOUND: { exit: 3, http: 404, grpc: "NOT_FOUND" },
	/** Bytes break their format. */
	CORRUPT: { exit: 4, http: 500, grpc: "DATA_LOSS" },
	/** Valid, and mlship cannot do it. */
	UNSUPPORTED: { exit: 5, http: 501, grpc: "UNIMPLEMENTED" },
	/** The world is not as needed: tool missing, port taken, still loading, cluster unreachable. */
	NOT_READY: { exit: 6, http: 503, grpc: "UNAVAILABLE" },
	/** A deadline passed. */
	TIMEOUT: { exit: 7, http: 504, grpc: "DEADLINE_EXCEEDED" },
	/** A check said no: verification, scan, difference, budget. */
	MISMATCH: { exit: 8, http: 400, grpc: "FAILED_PRECONDITION" },
	/** No credentials, or unknown ones. */
	UNAUTHENTICATED: { exit: 9, http: 401, grpc: "UNAUTHENTICATED" },
	/** Whoever it is has no right to that. */
	DENIED: { exit: 9, http: 403, grpc: "PERMISSION_DENIED" },
	/** A queue or limit is full. */
	OVERLOADED: { exit: 6, http: 429, grpc: "RESOURCE_EXHAUSTED" },
	/** Everything else; ours. */
	BUG: { exit: 1, http: 500, grpc: "INTERNAL" },
} as const satisfies Record<string, ErrorRow>;

interface ErrorRow {
	readonly exit: number;
	readonly http: number;
	readonly grpc: string;
}

export type ErrorCode = keyof typeof ERROR_CODES;

/** Where a failure happened, as data: `{ file, offset }`, `{ node, op }`, `{ input }`. Printed by one function. */
export type ErrorPlace = Readonly<Record<string, string | number>>;

export interface ErrorDetails {
	/** One imperative sentence with the command to type, only if it would probably work. */
	readonly hint?: string;
	readonly at?: ErrorPlace;
	readonly cause?: unknown;
	/** What TensorFlow Serving says of it, where the message says more. */
	readonly upstream?: string;
}

export class MlshipError extends Error {
	override readonly name = "MlshipError";
	readonly code: ErrorCode;
	readonly hint: string | undefined;
	readonly at: ErrorPlace | undefined;
	/** TensorFlow Serving's words, and no more. */
	readonly upstream: string;

	constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
		super(
			message,
			details.cause === undefined ? undefined : { cause: details.cause },
		);
		this.code = code;
		this.hint = details.hint;
		this.at = details.at;
		this.upstream = details.upstream ?? message;
	}
}

/** Makes the error to throw; returns it, so that the type checker sees the `throw`. */
export function fail(
	code: ErrorCode,
	message: string,
	details?: ErrorDetails,
): MlshipError {
	return new MlshipError(code, message, details);
}

/** The one door by which foreign errors enter: keeps the cause, maps what the system says to a code. */
export function asMlshipError(error: unknown): MlshipError {
	if (error instanceof MlshipError) return error;
	const { code, path, message, address, port } = describe(error);
	const row = code === undefined ? undefined : SYSTEM_CODES[code];
	if (row === undefined) return fail("BUG", message, { cause: error });
	const subject =
		path ?? (port === undefined ? message : `${address ?? ""}:${port}`);
	return fail(row.code, `cannot ${row.verb} ${subject}: ${row.reason}`, {
		cause: error,
		...(row.hint === undefined ? {} : { hint: row.hint }),
	});
}

interface SystemRow {
	readonly code: ErrorCode;
	readonly verb: string;
	readonly reason: string;
	readonly hint?: string;
}

const SYSTEM_CODES: Readonly<Record<string, SystemRow>> = {
	ENOENT: { code: "NOT_FOUND", verb: "open", reason: "no such file or folder" },
	ENOTDIR: {
		code: "NOT_FOUND",
		verb: "open",
		reason: "a part of the path is not a folder",
	},
	EISDIR: {
		code: "INVALID",
		verb: "read",
		reason: "it is a folder, a file was wanted",
	},
	EACCES: { code: "DENIED", verb: "open", reason: "permission denied" },
	EPERM: { code: "DENIED", verb: "open", reason: "operation not permitted" },
	EROFS: {
		code: "DENIED",
		verb: "write",
		reason: "the file system is read-only",
	},
	ENOSPC: {
		code: "NOT_READY",
		verb: "write",
		reason: "no space left on the device",
	},
	EEXIST: { code: "INVALID", verb: "create", reason: "it exists already" },
	EMFILE: { code: "OVERLOADED", verb: "open", reason: "too many open files" },
	EADDRINUSE: {
		code: "NOT_READY",
		verb: "listen on",
		reason: "the port is in use",
		hint: "choose another port, or stop the process that holds this one",
	},
	EADDRNOTAVAIL: {
		code: "NOT_READY",
		verb: "listen on",
		reason: "this machine has no such address",
	},
	ECONNREFUSED: {
		code: "NOT_READY",
		verb: "connect to",
		reason: "connection refused",
	},
	ABORT_ERR: { code: "TIMEOUT", verb: "finish", reason: "aborted" },
};

interface ForeignError {
	readonly message: string;
	readonly code?: string;
	readonly path?: string;
	readonly address?: string;
	readonly port?: number;
}

function describe(error: unknown): ForeignError {
	if (typeof error !== "object" || error === null)
		return { message: String(error) };
	const { message, code, path, address, port } = error as Record<
		string,
		unknown
	>;
	return {
		message: typeof message === "string" ? message : String(error),
		...(typeof code === "string" ? { code } : {}),
		...(typeof path === "string" ? { path } : {}),
		...(typeof address === "string" ? { address } : {}),
		...(typeof port === "number" ? { port } : {}),
	};
}
