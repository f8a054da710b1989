/** An HTTP answer, whole. */
export interface Answer {
	readonly status: number;
	readonly type: string;
	readonly body: Uint8Array | string;
	readonly headers?: Readonly<Record<string, string>>;
}

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
