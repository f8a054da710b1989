import { createRequire } from "node:module";
import type { RE2JS } from "re2js";
import { asMlshipError, fail } from "../../errors.js";
import { nativePattern } from "./native-pattern.js";
import { bytesOfUtf8, isAscii, latin1, utf8 } from "./text.js";

/** A regular expression in RE2's syntax, which is what TensorFlow's are in. */
export interface Pattern {
	/** Whether all of a text matches. */
	matchesWhole(text: Uint8Array): boolean;
	/** Replaces matches by `rewrite`, where \0 … \9 are the groups of the match. */
	replacer(
		rewrite: string,
		isGlobal: boolean,
	): (text: Uint8Array) => Uint8Array;
}

const COMPILED = new Map<string, Pattern>();
const MAX_COMPILED = 1000;

/** Compiled once. Fails with INVALID for what is no pattern. */
export function patternOf(source: string): Pattern {
	const known = COMPILED.get(source);
	if (known !== undefined) return known;
	const native = nativePattern(source);
	const made =
		native === undefined ? linearPattern(source) : backtracking(native);
	if (COMPILED.size >= MAX_COMPILED) COMPILED.clear();
	COMPILED.set(source, made);
	return made;
}

/** A pattern that the platform's own expressions match as RE2 does, and many times faster than RE2 in JavaScript. */
function backtracking(source: string): Pattern {
	const whole = new RegExp(`^(?:${source})$`, "u");
	const first = new RegExp(source, "u");
	const all = new RegExp(source, "gu");
	return {
		matchesWhole: (text) => whole.test(utf8(text)),
		replacer: (rewrite, isGlobal) => {
			const replacement = nativeRewrite(rewrite, groupCount(first));
			const pattern = isGlobal ? all : first;
			return (bytes) => {
				if (isAscii(bytes)) {
					const text = latin1(bytes);
					const result = text.replace(pattern, replacement);
					return result === text ? bytes : bytesOfUtf8(result);
				}
				return bytesOfUtf8(utf8(bytes).replace(pattern, replacement));
			};
		},
	};
}

/** RE2 itself, in JavaScript: everything that RE2 has, in time linear in the text. */
function linearPattern(source: string): Pattern {
	const compiled = compile(source);
	return {
		matchesWhole: (text) => compiled.matches(utf8(text)),
		replacer: (rewrite, isGlobal) => {
			const replacement = parseRewrite(rewrite, compiled.groupCount())
				.map((part) =>
					typeof part === "number"
						? `\${${part}}`
						: part.replace(/[\\$]/g, "\\$&"),
				)
				.join("");
			return (bytes) => {
				const matcher = compiled.matcher(utf8(bytes));
				return bytesOfUtf8(
					isGlobal
						? matcher.replaceAll(replacement)
						: matcher.replaceFirst(replacement),
				);
			};
		},
	};
}

function compile(source: string): RE2JS {
	try {
		return re2().compile(source);
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

/** The parts of a rewritten text: literal text, and numbers of groups. */
function parseRewrite(
	rewrite: string,
	groups: number,
): readonly (string | number)[] {
	return rewrite.split(/(\\[\s\S]?)/).map((part) => {
		if (!part.startsWith("\\")) return part;
		const group = Number(part.slice(1));
		if (part === "\\\\") return "\\";
		if (part.length < 2 || !Number.isInteger(group) || part[1] === " ")
			throw fail(
				"INVALID",
				`cannot rewrite matches as ${JSON.stringify(rewrite)}: a backslash stands before a digit or a backslash`,
			);
		if (group > groups)
			throw fail(
				"INVALID",
				`cannot rewrite matches as ${JSON.stringify(rewrite)}: the pattern has ${groups} groups`,
			);
		return group;
	});
}

function nativeRewrite(
	rewrite: string,
	groups: number,
): (...match: readonly (string | undefined)[]) => string {
	const parts = parseRewrite(rewrite, groups);
	if (parts.every((part) => typeof part === "string")) {
		const text = parts.join("");
		return () => text;
	}
	return (...match) =>
		parts
			.map((part) => (typeof part === "number" ? (match[part] ?? "") : part))
			.join("");
}

/** An alternative that matches nothing tells how many groups there are. */
function groupCount({ source }: RegExp): number {
	return (new RegExp(`${source}|`, "u").exec("")?.length ?? 1) - 1;
}
