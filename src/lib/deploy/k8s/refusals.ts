import { type ErrorCode, fail, type MlshipError } from "../../errors.js";

/** What kubectl and the API server say, and what it means here. */
interface RefusalRow {
	readonly pattern: RegExp;
	readonly code: ErrorCode;
	readonly hint?: string;
}

/** THE table of refusals, the first that fits counts. Texts are those of kubectl, client-go and the API server (1.29 to 1.36). */
const REFUSALS: readonly RefusalRow[] = [
	{
		pattern:
			/context "?[^"\n]*"? (does not exist|not found)|no context exists/i,
		code: "NOT_FOUND",
		hint: "run kubectl config get-contexts to see which there are",
	},
	{
		// without a kubeconfig kubectl asks this machine
		pattern:
			/no configuration has been provided|current-context is not set|connection to the server localhost:8080 was refused|dial tcp (?:127\.0\.0\.1|\[::1\]):8080: connect/i,
		code: "NOT_READY",
		hint: "name a cluster by --context, or by KUBECONFIG; --create-cluster kind makes one",
	},
	{
		pattern: /x509: |certificate (?:has expired|signed by unknown)/i,
		code: "UNAUTHENTICATED",
		hint: "fetch the cluster's credentials again",
	},
	{
		pattern:
			/\(Unauthorized\)|must be logged in|provide credentials|getting credentials|exec plugin|ExpiredToken/i,
		code: "UNAUTHENTICATED",
		hint: "log in to the cluster's provider again",
	},
	{
		pattern:
			/unable to connect to the server|connection refused|no such host|i\/o timeout|TLS handshake timeout|context deadline exceeded|network is unreachable|no route to host|was refused - did you specify|client rate limiter wait|net\/http: request canceled|unexpected EOF|ServiceUnavailable|the server is currently unable/i,
		code: "NOT_READY",
		hint: "check that the cluster runs and that this machine reaches it: kubectl cluster-info",
	},
	{
		pattern:
			/exceeded quota|must specify (?:limits|requests)|maximum .* usage per/i,
		code: "OVERLOADED",
		hint: "see kubectl describe quota, then lower --replicas, --cpu or --memory",
	},
	{ pattern: /violates PodSecurity/i, code: "DENIED" },
	{
		pattern:
			/is forbidden: (?:User|unable)|\(Forbidden\)|cannot .* at the cluster scope/i,
		code: "DENIED",
		hint: "ask the cluster's administrator for the role edit in that namespace; mlship doctor k8s lists what is missing",
	},
	{
		pattern:
			/no matches for kind|doesn't have a resource type|could not find the requested resource/i,
		code: "UNSUPPORTED",
		hint: "install what defines that kind, or leave out the option that needs it",
	},
	{
		pattern: /Apply failed with \d+ conflicts?|conflict with "/i,
		code: "MISMATCH",
		hint: "somebody else changed those fields: take theirs into the options, or take them over by --force-conflicts",
	},
	{ pattern: /\(NotFound\)|not found/i, code: "NOT_FOUND" },
	{
		pattern:
			/strict decoding error|unknown field|is invalid:|\(BadRequest\)|field is immutable|error validating/i,
		code: "INVALID",
	},
];

/** The error that a failed kubectl means: what was tried, and the line of its words that says why. */
export function failureOf(
	stderr: string,
	verb: string,
	context?: string,
): MlshipError {
	const said = reasonOf(stderr);
	const row = REFUSALS.find(({ pattern }) => pattern.test(stderr));
	const where = context === undefined ? "" : ` in ${context}`;
	return fail(row?.code ?? "NOT_READY", `cannot ${verb}${where}: ${said}`, {
		...(row?.hint !== undefined && { hint: row.hint }),
		...(context !== undefined && { at: { context } }),
	});
}

/** Warnings and what client-go logs (`E1121 17:00:00.0 …`) say nothing that is not said once more. */
export function reasonOf(stderr: string): string {
	const lines = stderr
		.split("\n")
		.map((line) => line.trim())
		.filter((line) => line !== "" && !/^Warning:|^[EWI]\d{4} /.test(line));
	const text = lines
		.slice(0, 3)
		.join("; ")
		.replace(
			/^error: |Error from server(?: \((\w+)\))?: (?:error when \w+ "[^"]*": )?/g,
			"",
		)
		// nothing of it moves a cursor
		.replace(/\p{Cc}/gu, " ");
	if (text === "") return "kubectl gave no reason";
	return text.length > 600 ? `${text.slice(0, 599)}…` : text;
}

/** What the server warns of, as of pods that Pod Security would refuse. */
export function warningsIn(stderr: string): string[] {
	return [...stderr.matchAll(/^Warning: (.*)$/gm)].map(([, text]) => text);
}
