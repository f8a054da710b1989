import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

/**
 * The body of a request, gunzipped where its headers say so; undefined beyond `limit` bytes, of either kind. A body that is
 * no gzip although the headers say so counts as empty, as TensorFlow Serving has it. Rejects where the client goes away.
 */
export async function readBody(
	stream: Readable,
	headers: IncomingHttpHeaders,
	limit: number,
): Promise<Uint8Array | undefined> {
	if (Number(headers["content-length"]) > limit) {
		// a client that asks before it sends has sent nothing
		if (headers.expect === undefined) await discard(stream);
		return undefined;
	}
	const body = await collect(stream, limit);
	const encoding = headers["content-encoding"];
	return body === undefined || !encoding?.includes("gzip")
		? body
		: unzipped(body, limit);
}

function collect(
	stream: Readable,
	limit: number,
): Promise<Uint8Array | undefined> {
	return new Promise((resolve, reject) => {
		const chunks: Buffer[] = [];
		let length = 0;
		const onData = (chunk: Buffer) => {
			length += chunk.length;
			chunks.push(chunk);
			if (length <= limit) return;
			stream.off("data", onData).off("end", onEnd);
			discard(stream).then(() => resolve(undefined), reject);
		};
		const onEnd = () =>
			resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length));
		stream.on("data", onData).on("end", onEnd).on("error", reject);
	});
}

/** As nginx lingers: long enough for most clients to finish and then hear why it was for nothing. */
const LINGER_MS = 5_000;

/**
 * Lets the rest of a body pass by, for a while. Closing a socket with unread bytes resets the connection, and the client
 * would never see the answer.
 */
function discard(stream: Readable): Promise<void> {
	return new Promise((resolve) => {
		const timer = setTimeout(resolve, LINGER_MS);
		const done = () => {
			clearTimeout(timer);
			resolve();
		};
		stream.once("end", done).once("close", done).once("error", done);
		stream.resume();
	});
}

const gunzipAsync = promisify(gunzip);

async function unzipped(
	body: Uint8Array,
	limit: number,
): Promise<Uint8Array | undefined> {
	try {
		return await gunzipAsync(body, { maxOutputLength: limit });
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		return code === "ERR_BUFFER_TOO_LARGE" ? undefined : new Uint8Array(0);
	}
}
