import { fail } from "../errors.js";

/** `digits@2` or `digits@stable` in its parts. */
export interface Reference {
	readonly name: string;
	/** A number or a label; undefined where none is named. */
	readonly version: string | undefined;
}

/** A version with its share of the requests: `1@90`, `stable`, `digits@2=10`. */
export interface SharedReference {
	/** Undefined where only a version is named. */
	readonly name: string | undefined;
	/** A number or a label. */
	readonly version: string;
	/** Above zero, at most 100; undefined where what is left over is meant. */
	readonly percent: number | undefined;
}

/** Splits at the last `@`; a name that begins with one has no version. */
export function parseReference(reference: string): Reference {
	const at = reference.lastIndexOf("@");
	if (at <= 0) return { name: reference, version: undefined };
	return { name: reference.slice(0, at), version: reference.slice(at + 1) };
}

/**
 * Reads what traffic is shared out by: VERSION, VERSION@PERCENT or VERSION=PERCENT, with the model and an `@` in front or
 * without, `%` behind or not. Where the model is known, `digits@2` is its version, else `@` stands before a percentage.
 * Fails with INVALID, all forms being told.
 */
export function parseShare(text: string, model?: string): SharedReference {
	const [left, right] = parts(text, model);
	const percent = right === undefined ? undefined : parsePercent(right, text);
	const { name, version } = parseReference(left);
	const share =
		version === undefined
			? { name: undefined, version: name, percent }
			: { name, version, percent };
	if (share.version === "" || share.version.startsWith("@"))
		throw wrongShare(text, "it names no version");
	return share;
}

/** The reference, and what is behind it. */
function parts(text: string, model?: string): [string, string?] {
	const equals = text.lastIndexOf("=");
	if (equals >= 0) return [text.slice(0, equals), text.slice(equals + 1)];
	const at = text.lastIndexOf("@");
	if (at < 0 || text.slice(0, at) === model) return [text];
	return [text.slice(0, at), text.slice(at + 1)];
}

function parsePercent(digits: string, text: string): number {
	const [, number] = /^(\d{1,3}(?:\.\d{1,6})?)\s*%?$/.exec(digits.trim()) ?? [];
	const percent = Number(number);
	if (number === undefined || percent <= 0 || percent > 100)
		throw wrongShare(text, `"${digits}" is no percentage`);
	return percent;
}

function wrongShare(text: string, reason: string) {
	return fail(
		"INVALID",
		`cannot read share "${text}": ${reason}; a version or label with its percentage above 0 and up to 100 is wanted, as 1@90, canary@10% or digits@2=10`,
	);
}

/**
 * A name that can become a model's folder and be part of a URL. Fails with INVALID for others: separators, `..`, hidden
 * ones, numbers alone, which are versions.
 */
export function checkModelName(name: string): string {
	const reason = NAME_RULES.find(([pattern]) => pattern.test(name))?.[1];
	if (reason === undefined && Buffer.byteLength(name) <= MAX_NAME_BYTES)
		return name;
	throw fail(
		"INVALID",
		`cannot name a model ${JSON.stringify(name.slice(0, 100))}: ${reason ?? `it has more than ${MAX_NAME_BYTES} bytes`}`,
		{ hint: "take letters, digits, - and _, as digits or digits-small" },
	);
}

/** The longest name of most file systems is 255 bytes. */
const MAX_NAME_BYTES = 200;

const NAME_RULES: readonly (readonly [RegExp, string])[] = [
	[/^$/, "it is empty"],
	[/[/\\]/, "it has a separator of folders in it"],
	[/^\./, "names with a dot in front are hidden"],
	[/^\d+$/, "a number alone is a version"],
	// the REST API has :predict behind the name (http_rest_api_handler.cc), the prompt @ and =
	[/[@=:]/, "@, = and : mean something else behind a name"],
	[
		/[\s\p{Cc}\p{Zl}\p{Zp}%?#*"'<>|]/u,
		"it has a character that paths of URLs or shells read otherwise",
	],
];

/** A name for a version. Fails with INVALID for what would read as a number, or cannot be part of a URL. */
export function checkLabel(label: string): string {
	if (/^[A-Za-z_][\w.-]{0,62}$/.test(label)) return label;
	throw fail(
		"INVALID",
		`cannot label a version ${JSON.stringify(label.slice(0, 100))}: up to 63 letters, digits, -, _ and . are wanted, a letter first`,
		{ hint: "take a name as stable, canary or v1.2" },
	);
}
