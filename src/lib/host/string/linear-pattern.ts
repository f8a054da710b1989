import { createRequire } from "node:module";
import type { Matcher, RE2JS } from "re2js";
import { asMlshipError, fail } from "../../errors.js";
import type { Matching } from "./pattern.js";
import type { Rewrite } from "./rewrite.js";
import { hasHalves } from "./text.js";

/** RE2 itself, in JavaScript: everything that RE2 has, in time linear in the text. Fails with INVALID for what is no pattern. */
export function linearPattern(source: string): Matching {
	const compiled = compile(source, 0);
	let careful: RE2JS | undefined;
	const patternFor = (text: string) => {
		if (!hasHalves(text)) return compiled;
		careful ??= compile(withoutHalves(source), re2().LOOKBEHINDS);
		return careful;
	};
	return {
		isSingle: false,
		groups: compiled.groupCount(),
		matchesWhole: (text) => patternFor(text).matches(text),
		replacer: (rewrite, isGlobal) => (text) =>
			replaced(text, patternFor(text).matcher(text), rewrite, isGlobal),
	};
}

/** As RE2::GlobalReplace: no empty match right after another match. */
function replaced(
	text: string,
	matcher: Matcher,
	{ parts }: Rewrite,
	isGlobal: boolean,
): string {
	let made = "";
	let at = -1;
	while (matcher.find()) {
		const start = matcher.start();
		const end = matcher.end();
		if (start === end && start === at) continue;
		made += text.slice(Math.max(0, at), start);
		for (const part of parts)
			made +=
				typeof part === "string"
					? part
					: part === 0
						? text.slice(start, end)
						: (matcher.group(part) ?? "");
		at = end;
		if (!isGlobal) break;
	}
	return at < 0 ? text : made + text.slice(at);
}

function compile(source: string, flags: number): RE2JS {
	try {
		return re2().compile(source, flags);
	} catch (cause) {
		throw fail(
			"INVALID",
			`cannot read the regular expression ${JSON.stringify(source)}: ${asMlshipError(cause).message}`,
			{ cause },
		);
	}
}

/** Loaded when the first pattern needs it: most models have none that does. */
function re2(): typeof RE2JS {
	const load = createRequire(import.meta.url);
	return (load("re2js") as { readonly RE2JS: typeof RE2JS }).RE2JS;
}

/** Classes that no longer match the halves of pairs that stand for bytes which are no characters. */
function withoutHalves(source: string): string {
	return source.replace(TOKEN, (token) =>
		CLASS.test(token) ? `(?:${token}(?<![\\x{dc80}-\\x{dcff}]))` : token,
	);
}

const BRACKETS =
	/\[\^?\]?(?:\[:\^?\w+:\]|\\[pP]\{[^}]*\}|\\x\{[^}]*\}|\\[\s\S]|[^\]\\])*\]/;
const TOKEN = new RegExp(
	`\\\\Q[\\s\\S]*?(?:\\\\E|$)|\\\\[pP](?:\\{[^}]*\\}|.)|\\\\x\\{[^}]*\\}|\\\\[\\s\\S]|${BRACKETS.source}|[\\s\\S]`,
	"gu",
);
const CLASS = /^(?:\.$|\[|\\[DSWpP])/;
