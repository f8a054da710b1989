import type { IncomingMessage } from "node:http";
import type { Access } from "../access/access.js";
import type { Scope } from "../access/tokens.js";
import { type Answer, jsonAnswer } from "./answer.js";
import { errorAnswer, errorBody } from "./errors.js";
import type { RestService } from "./routes.js";
import { scopeOf, withCors } from "./routes.js";

/** Whether a request may come in: the answer that says why not, or what it is let in for. */
export interface Admission {
	readonly refusal?: Answer;
	/** It is for nobody in particular, so that its body does not matter. */
	readonly isFree?: boolean;
	/** To be called when the request is answered, or its client gone. */
	leave?(): void;
}

/** Looks at a request before its body has come, of which nothing is kept if it is refused. */
export function admit(
	service: RestService,
	access: Access,
	request: Pick<IncomingMessage, "method" | "headers" | "rawHeaders">,
	url: string,
): Admission {
	const { tokens, gate, limits } = access;
	const { method = "", headers, rawHeaders } = request;
	if (rawHeaders.length > 2 * limits.headerCount)
		return { refusal: tooManyHeaders(rawHeaders.length / 2, limits) };
	const scope = scopeOf(service, { method, url });
	if (scope === undefined) return { isFree: true };
	const refused = tokens?.value.refusal(headers.authorization, scope);
	if (refused !== undefined) {
		const answer = errorAnswer(refused.error, service.compat);
		const challenge = { "WWW-Authenticate": refused.challenge };
		return refusalFor(service, scope, {
			...answer,
			headers: { ...answer.headers, ...challenge },
		});
	}
	if (scope !== "predict") return {};
	return gate.isFull
		? refusalFor(
				service,
				scope,
				errorAnswer(gate.refusal("NOT_READY"), service.compat),
			)
		: { leave: gate.enter() };
}

function refusalFor(
	service: RestService,
	scope: Scope,
	answer: Answer,
): Admission {
	return { refusal: scope === "predict" ? withCors(service, answer) : answer };
}

function tooManyHeaders(
	count: number,
	{ headerCount }: Access["limits"],
): Answer {
	const message = `cannot read the request: it has ${count} header fields or more, at most ${headerCount} are taken (--max-headers)`;
	return {
		...jsonAnswer(errorBody(message), 431),
		headers: { Connection: "close" },
	};
}
