import type { Matching } from "./pattern.js";
import type { Rewrite } from "./rewrite.js";

/**
 * The same pattern in the platform's own expressions, many times faster than RE2 in JavaScript; `undefined` for what they
 * read otherwise or lack, and for all that may need more than one look at a character: only alternatives of single
 * characters one after the other, of which the last may be repeated, and none of them empty.
 */
export function nativePattern(source: string): Matching | undefined {
	const translation = translated(source);
	if (translation === undefined) return undefined;
	const { native, isSingle } = translation;
	if (!isWellFormed(native)) return undefined;
	const whole = new RegExp(`^(?:${native})$`, "u");
	const first = new RegExp(native, "u");
	const all = new RegExp(native, "gu");
	return {
		// an alternative that matches nothing tells how many groups there are
		isSingle,
		groups: (new RegExp(`${native}|`, "u").exec("")?.length ?? 1) - 1,
		matchesWhole: (text) => whole.test(text),
		replacer: (rewrite, isGlobal) => {
			const pattern = isGlobal ? all : first;
			const replacement = template(rewrite);
			return (text) => text.replace(pattern, replacement);
		},
	};
}

/** A rewrite as String.replace reads it. */
function template({ parts }: Rewrite): string {
	return parts
		.map((part) => {
			if (typeof part === "string") return part.replaceAll("$", "$$$$");
			return part === 0 ? "$&" : `$0${part}`;
		})
		.join("");
}

type Kind = "character" | "repeat" | "place" | "open" | "close" | "or";

interface Piece {
	readonly kind: Kind;
	readonly native: string;
	readonly length: number;
}

interface Translation {
	readonly native: string;
	/** Whether each alternative is one character, wherever it stands. */
	readonly isSingle: boolean;
}

function translated(source: string): Translation | undefined {
	let made = "";
	let isSingle = true;
	let depth = 0;
	/** Of the alternative that is read: how many characters it surely takes, and whether it may go on. */
	let certain = 0;
	let isOver = false;
	let previous: Kind = "or";
	for (let at = 0; at < source.length; ) {
		const piece = nextPiece(source.slice(at));
		if (piece === undefined) return undefined;
		const { kind, native, length } = piece;
		if (kind === "repeat" && previous !== "character") return undefined;
		if (isOver && kind !== "close" && kind !== "or") return undefined;
		if (kind === "or" && (depth > 0 || certain === 0)) return undefined;
		if (kind === "close" && depth === 0) return undefined;
		const isAlone = kind === "or" || (kind === "character" && certain === 0);
		isSingle = isSingle && isAlone;
		depth += Number(kind === "open") - Number(kind === "close");
		if (kind === "or") certain = 0;
		if (kind === "character") certain++;
		if (kind === "repeat" && /^(?:[*?]|\{0)/.test(native)) certain--;
		isOver = kind !== "or" && (isOver || kind === "repeat");
		made += native;
		at += length;
		previous = kind;
	}
	return depth === 0 && certain > 0 ? { native: made, isSingle } : undefined;
}

/** Half pairs stand for bytes that are no characters: no class has them. */
const HALVES = "\\udc80-\\udcff";

type Rule = readonly [
	RegExp,
	Kind,
	(match: RegExpExecArray) => string | undefined,
];

/** What may stand outside of brackets, the first rule that fits. */
const RULES: readonly Rule[] = [
	[/^\\[dw]/, "character", ([all]) => all],
	[/^\\D/, "character", () => `[^0-9${HALVES}]`],
	[/^\\W/, "character", () => `[^0-9A-Za-z_${HALVES}]`],
	[/^\\s/, "character", () => "[\\t\\n\\f\\r ]"],
	[/^\\S/, "character", () => `[^\\t\\n\\f\\r ${HALVES}]`],
	[/^\\[tnrfv]/, "character", ([all]) => all],
	[/^\\b/, "place", ([all]) => all],
	[/^\\A/, "place", () => "^"],
	[/^\\z/, "place", () => "$"],
	[/^\\([^A-Za-z0-9])/u, "character", ([, char]) => literal(char)],
	[/^\\/, "character", () => undefined],
	[/^\((?:\?:)?(?!\?)/, "open", ([all]) => all],
	[/^\(/, "open", () => undefined],
	[/^\)/, "close", ([all]) => all],
	[/^\|/, "or", ([all]) => all],
	[/^[\^$]/, "place", ([all]) => all],
	[/^\./, "character", () => `[^\\n${HALVES}]`],
	[/^(?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\})\??/, "repeat", ([all]) => all],
	[/^[\s\S]/u, "character", ([char]) => literal(char)],
];

function nextPiece(rest: string): Piece | undefined {
	if (rest.startsWith("[")) return bracketPiece(rest);
	for (const [pattern, kind, convert] of RULES) {
		const match = pattern.exec(rest);
		if (match === null) continue;
		const native = convert(match);
		return native === undefined
			? undefined
			: { kind, native, length: match[0].length };
	}
	return undefined;
}

/** A class of characters and ranges, with \d, \w and \s in it. */
function bracketPiece(rest: string): Piece | undefined {
	const open = /^\[\^?/.exec(rest)?.[0] ?? "[";
	let native = open === "[^" ? `[^${HALVES}` : open;
	let at = open.length;
	for (let isFirst = true; ; isFirst = false) {
		const item = rest.slice(at);
		if (item.length === 0) return undefined;
		if (item.startsWith("]") && !isFirst) break;
		const found = BRACKET_RULES.find(([pattern]) => pattern.test(item));
		const match = found?.[0].exec(item);
		const converted = match && found?.[1](match);
		if (!match || converted === undefined) return undefined;
		native += converted;
		at += match[0].length;
	}
	return { kind: "character", native: `${native}]`, length: at + 1 };
}

const BRACKET_RULES: readonly (readonly [
	RegExp,
	(match: RegExpExecArray) => string | undefined,
])[] = [
	[/^\[:/, () => undefined],
	[/^\\([dwtnrfv])/, ([all]) => all],
	[/^\\s/, () => "\\t\\n\\f\\r "],
	[/^\\([^A-Za-z0-9])/u, ([, char]) => inBrackets(char)],
	[/^\\/, () => undefined],
	// a dash between two characters, at the start or at the end
	[/^-/, () => "-"],
	[/^[\s\S]/u, ([char]) => inBrackets(char)],
];

function literal(char: string): string {
	return /[\^$\\.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char;
}

function inBrackets(char: string): string {
	return /[\^$\\.*+?()[\]{}|/-]/.test(char) ? `\\${char}` : char;
}

function isWellFormed(source: string): boolean {
	try {
		new RegExp(source, "u");
		return true;
	} catch {
		return false;
	}
}
