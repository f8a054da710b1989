import type { VersionChoice } from "../host.js";

/** What a request line under `/v1/` asks for. */
export type Target =
	| {
			readonly kind: "call";
			readonly verb: Verb;
			readonly model: string;
			readonly choice?: VersionChoice;
	  }
	| {
			readonly kind: "status" | "metadata";
			readonly model: string;
			readonly choice?: VersionChoice;
	  }
	| { readonly kind: "models" }
	| { readonly kind: "noModel" }
	| { readonly kind: "versionOverflow"; readonly digits: string }
	| { readonly kind: "malformed" };

export type Verb = "predict" | "classify" | "regress";

/**
 * TensorFlow Serving's two patterns, matched against the whole path without regard to case (http_rest_api_handler.cc).
 * Its verbs and the word `metadata` are compared with regard to case afterwards.
 */
const CALL =
	/^\/v1\/models\/([^/:]+)(?:\/versions\/(\d+)|\/labels\/([^/:]+))?:(classify|regress|predict)$/i;
const STATUS =
	/^\/v1\/models(?:\/([^/:]+))?(?:\/versions\/(\d+)|\/labels\/([^/:]+))?(?:\/(metadata))?$/i;

/** Reads the path of a request, which is still percent-encoded and has no query. */
export function parseTarget(method: string, path: string): Target {
	if (method === "POST") return parseCall(path);
	return method === "GET" ? parseStatus(path) : { kind: "malformed" };
}

function parseCall(path: string): Target {
	const match = CALL.exec(path);
	if (match === null) return { kind: "malformed" };
	const [, name, digits, label, verb] = match;
	if (!isVerb(verb)) return { kind: "malformed" };
	const model = percentDecoded(name);
	if (digits === undefined && label === undefined)
		return { kind: "call", verb, model };
	return withChoice(digits, label, (choice) => ({
		kind: "call",
		verb,
		model,
		choice,
	}));
}

function parseStatus(path: string): Target {
	const match = STATUS.exec(path);
	if (match === null) return { kind: "malformed" };
	const [, name, digits, label, word] = match;
	if (name === undefined)
		return path.length === MODELS_LENGTH
			? { kind: "models" }
			: { kind: "noModel" };
	const model = percentDecoded(name);
	const kind = word === "metadata" ? "metadata" : "status";
	if (digits === undefined && label === undefined) return { kind, model };
	return withChoice(digits, label, (choice) => ({ kind, model, choice }));
}

const MODELS_LENGTH = "/v1/models".length;

const VERBS: readonly string[] = ["predict", "classify", "regress"];

function isVerb(word: string): word is Verb {
	return VERBS.includes(word);
}

const MAX_INT64 = 2n ** 63n - 1n;

/** Longer numbers are too large whatever their digits are, if they do not begin with zeros. */
const MAX_DIGITS = 1000;

function withChoice(
	digits: string | undefined,
	label: string | undefined,
	make: (choice: VersionChoice) => Target,
): Target {
	if (digits === undefined) return make({ label: percentDecoded(label ?? "") });
	const version = digits.length > MAX_DIGITS ? undefined : BigInt(digits);
	return version === undefined || version > MAX_INT64
		? { kind: "versionOverflow", digits }
		: make({ version });
}

/** As curl does it: `%` and two hex digits are a byte, all else stays, `+` too (curl_easy_unescape). */
function percentDecoded(text: string): string {
	if (!text.includes("%")) return text;
	const bytes = text.replace(
		/%([0-9a-f]{2})|[\s\S]/giu,
		(found, hex?: string) =>
			hex === undefined
				? Buffer.from(found).toString("latin1")
				: String.fromCharCode(Number.parseInt(hex, 16)),
	);
	return Buffer.from(bytes, "latin1").toString("utf8");
}
