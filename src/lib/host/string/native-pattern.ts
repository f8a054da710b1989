/**
 * The same pattern for the platform's regular expressions, in Unicode mode; `undefined` for what they read otherwise, lack, or
 * may take exponential time for: named groups and flags, POSIX and Unicode classes, repeated groups.
 */
export function nativePattern(source: string): string | undefined {
	let made = "";
	let rest = source;
	while (rest.length > 0) {
		const piece = nextPiece(rest);
		if (piece === undefined) return undefined;
		made += piece.native;
		rest = rest.slice(piece.length);
	}
	return isWellFormed(made) ? made : undefined;
}

interface Piece {
	readonly native: string;
	readonly length: number;
}

type Rule = readonly [RegExp, (match: RegExpExecArray) => string | undefined];

/** What may stand outside of brackets, the first rule that fits. */
const RULES: readonly Rule[] = [
	[/^\\([dDwWbB])/, ([all]) => all],
	[/^\\s/, () => "[\\t\\n\\f\\r ]"],
	[/^\\S/, () => "[^\\t\\n\\f\\r ]"],
	[/^\\([tnrfv])/, ([all]) => all],
	[/^\\A/, () => "(?<![\\s\\S])"],
	[/^\\z/, () => "(?![\\s\\S])"],
	[/^\\([^A-Za-z0-9])/u, ([, char]) => literal(char)],
	[/^\\/, () => undefined],
	[/^\[/, () => undefined],
	// a group that is repeated may take exponential time
	[/^\(\?:/, ([all]) => all],
	[/^\(\?/, () => undefined],
	[/^\)[*+?{]/, () => undefined],
	[/^[()|^$]/, ([all]) => all],
	[/^\./, () => "[^\\n]"],
	[/^[*+?]\??(?![*+?{])/, ([all]) => all],
	[/^\{\d{1,3}(,\d{0,3})?\}\??(?![*+?{])/, ([all]) => all],
	[/^[*+?]/, () => undefined],
	[/^[\s\S]/u, ([char]) => literal(char)],
];

function nextPiece(rest: string): Piece | undefined {
	if (rest.startsWith("[")) return bracketPiece(rest);
	for (const [pattern, convert] of RULES) {
		const match = pattern.exec(rest);
		if (match === null) continue;
		const native = convert(match);
		return native === undefined
			? undefined
			: { native, length: match[0].length };
	}
	return undefined;
}

/** A class of characters and ranges, with \d, \w and \s in it. */
function bracketPiece(rest: string): Piece | undefined {
	const open = /^\[\^?/.exec(rest)?.[0] ?? "[";
	let native = open;
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
	return { native: `${native}]`, length: at + 1 };
}

const BRACKET_RULES: readonly Rule[] = [
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
