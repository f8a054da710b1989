import type { Host } from "../../../../src/lib/serving/host.js";
import {
	answerCall,
	type Call,
	type RestService,
} from "../../../../src/lib/serving/rest/routes.js";

/** A service that is ready, without a deadline. */
export function serviceOf(
	host: Host,
	changes: Partial<RestService> = {},
): RestService {
	return {
		host,
		cors: false,
		compat: "default",
		timeoutMs: 0,
		whyNotReady: () => undefined,
		isStarted: () => true,
		...changes,
	};
}

/** The status and the body of an answer. */
export async function textOf(
	service: RestService,
	call: Call,
): Promise<[status: number, text: string]> {
	const { status, body } = await answerCall(service, call);
	return [status, Buffer.from(body).toString()];
}

/** The same, to a body that is posted. */
export function posted(
	service: RestService,
	url: string,
	body: string,
): Promise<[status: number, text: string]> {
	return textOf(service, { method: "POST", url, body: Buffer.from(body) });
}
