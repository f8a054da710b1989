/** An HTTP answer, whole. */
export interface Answer {
	readonly status: number;
	readonly type: string;
	readonly body: Uint8Array | string;
	readonly headers?: Readonly<Record<string, string>>;
	/** The canonical status, where HTTP's does not say which it is. */
	readonly code?: string;
}

/** The canonical status of an answer. */
export function codeOf({ code, status }: Answer): string {
	return (
		code ?? CODES[status] ?? (status < 500 ? "INVALID_ARGUMENT" : "INTERNAL")
	);
}

/** The first of each (tf-serving's http_server.cc, ToHTTPStatusCode, the other way). */
const CODES: Readonly<Record<number, string>> = {
	200: "OK",
	401: "UNAUTHENTICATED",
	403: "PERMISSION_DENIED",
	404: "NOT_FOUND",
	408: "DEADLINE_EXCEEDED",
	413: "RESOURCE_EXHAUSTED",
	429: "RESOURCE_EXHAUSTED",
	431: "RESOURCE_EXHAUSTED",
	499: "CANCELLED",
	501: "UNIMPLEMENTED",
	503: "UNAVAILABLE",
	504: "DEADLINE_EXCEEDED",
};

/** TensorFlow Serving's type for answers and errors alike, without a charset. */
const JSON_TYPE = "application/json";

export function jsonAnswer(body: Uint8Array | string, status = 200): Answer {
	return { status, type: JSON_TYPE, body };
}

export function textAnswer(body: string, status = 200): Answer {
	return { status, type: "text/plain", body };
}

/** The page of libevent, which serves TensorFlow Serving's REST, for what no handler takes (evhttp_send_error). */
export function pageAnswer(
	status: number,
	title: string,
	text: string,
): Answer {
	return {
		status,
		type: "text/html",
		body: `<HTML><HEAD>\n<TITLE>${status} ${title}</TITLE>\n</HEAD><BODY>\n<H1>${text}</H1>\n</BODY></HTML>\n`,
		headers: { Connection: "close" },
	};
}
