import { type ErrorCode, fail, type MlshipError } from "../errors.js";

/** What a look at the world found, and what to type. */
export interface Finding {
	/** What was looked at, as `kubectl` or `nodes`. */
	readonly check: string;
	readonly status: "ok" | "warning" | "error";
	readonly text: string;
	/** One sentence with the command to type. */
	readonly hint?: string;
	/** Of the failure that it would be. */
	readonly code?: ErrorCode;
	/** Mends it, where that can do no harm, and says what was done. */
	readonly fix?: () => Promise<string>;
}

export function ok(check: string, text: string): Finding {
	return { check, status: "ok", text };
}

export function warning(check: string, text: string, hint?: string): Finding {
	return {
		check,
		status: "warning",
		text,
		...(hint !== undefined && { hint }),
	};
}

export function problem(
	check: string,
	code: ErrorCode,
	text: string,
	hint?: string,
): Finding {
	return {
		check,
		status: "error",
		code,
		text,
		...(hint !== undefined && { hint }),
	};
}

/** What an error says, as a finding. */
export function findingOf(check: string, error: MlshipError): Finding {
	return problem(check, error.code, error.message, error.hint);
}

/** The error that findings mean, all of them told; undefined where nothing is in the way. Under `strict` warnings are. */
export function refusalOf(
	findings: readonly Finding[],
	verb: string,
	strict = false,
): MlshipError | undefined {
	const bad = findings.filter(
		({ status }) => status === "error" || (strict && status === "warning"),
	);
	const [first] = bad;
	if (first === undefined) return undefined;
	return fail(
		first.code ?? "NOT_READY",
		`cannot ${verb}: ${bad.map(({ text }) => text).join("; ")}`,
		first.hint === undefined ? {} : { hint: first.hint },
	);
}
