import { randomUUID } from "node:crypto";

/** The id that a caller gave to its request, or a new one where that is none that a header and a log can hold. */
export function requestId(
	given: string | readonly string[] | undefined,
): string {
	return typeof given === "string" && ID.test(given) ? given : randomUUID();
}

const ID = /^[\x21-\x7e]{1,128}$/;
