import { unfit } from "../arithmetic.js";

const REFUSED = () => unfit("its expression has no form in JavaScript");

/** One character of UTF-16 that is no half of another, or both halves. */
const PAIR = "[\\ud800-\\udbff][\\udc00-\\udfff]";

/** Characters as they stand in a class and outside of one: TensorFlow.js 4.22 makes the text of attributes small. */
const CLASSES: Readonly<Record<string, string>> = {
	d: "0-9",
	w: "0-9a-z\\x41-\\x5a_",
	s: "\\t\\n\\f\\r ",
};

const NAMED: Readonly<Record<string, string>> = {
	alnum: "0-9a-z\\x41-\\x5a",
	alpha: "a-z\\x41-\\x5a",
	blank: "\\t ",
	cntrl: "\\x00-\\x1f\\x7f",
	digit: "0-9",
	graph: "!-~",
	lower: "a-z",
	print: " -~",
	punct: "!-\\/:-@\\[-`{-~",
	space: "\\t\\n\\v\\f\\r ",
	upper: "\\x41-\\x5a",
	word: "0-9a-z\\x41-\\x5a_",
	xdigit: "0-9a-f\\x41-\\x46",
};

/** Escapes that mean the same in both. */
const PLAIN = /^\\([fnrtv]|[!-/:-@[-`{-~]|x[\da-fA-F]{2})$/;

const TOKEN =
	/\\x\{[\da-fA-F]+\}|\\x[\da-fA-F]{2}|\\[\s\S]|\[\^?\]?|\[:\^?\w+:\]|\(\?P<\w+>|\(\?:|\(\?|[\s\S]/y;

/**
 * An expression of RE2 (github.com/google/re2/wiki/Syntax) as one of JavaScript without capitals, which matches the same. Fails
 * with UNSUPPORTED where there is none, or where it is made to replace nothing again and again.
 */
export function javascriptExpression(
	pattern: string,
	isGlobal: boolean,
): string {
	// between any two characters, but not between the halves of one
	if (pattern === "") return "(?![\\udc00-\\udfff])";
	const ignoresCase = pattern.startsWith("(?i)");
	const write = ignoresCase ? eitherCase : small;
	let made = "";
	for (let at = ignoresCase ? 4 : 0; at < pattern.length; ) {
		if (pattern[at] === "[") {
			if (ignoresCase) throw REFUSED();
			const [text, end] = classAt(pattern, at);
			made += text;
			at = end;
			continue;
		}
		TOKEN.lastIndex = at;
		const token = TOKEN.exec(pattern)?.[0] ?? pattern[at];
		made += translated(token, write);
		at += token.length;
	}
	const expression = compiled(made);
	// what matches nothing does so again behind each match, which RE2 leaves out
	if (isGlobal && expression.test("")) throw REFUSED();
	return made;
}

/** A letter that two further characters are folded to has them too. */
function eitherCase(character: string): string {
	if (character > "\x7f") throw REFUSED();
	if (!/[a-z]/i.test(character)) return character;
	const more = FOLDED[character.toLowerCase()] ?? "";
	return `[${character.toLowerCase()}${small(character.toUpperCase())}${more}]`;
}

const FOLDED: Readonly<Record<string, string>> = {
	k: "\\u212a",
	s: "\\u017f",
};

function compiled(text: string): RegExp {
	try {
		return new RegExp(text);
	} catch {
		throw REFUSED();
	}
}

function translated(
	token: string,
	write: (character: string) => string,
): string {
	if (token === ".") return `(?:${PAIR}|[^\\n])`;
	if (token === "(?:") return token;
	if (token.startsWith("(?P<")) return "(";
	if (token.startsWith("(?")) throw REFUSED();
	if (!token.startsWith("\\")) return write(token);
	const letter = token[1];
	const known = CLASSES[letter.toLowerCase()];
	if (known !== undefined && token.length === 2)
		return letter in CLASSES ? `[${known}]` : `(?:${PAIR}|[^${known}])`;
	return ANCHORS[token] ?? escaped(token);
}

const ANCHORS: Readonly<Record<string, string>> = {
	"\\A": "^",
	"\\z": "$",
	"\\b": "\\b",
	"\\B": "(?!\\b)",
};

function escaped(token: string): string {
	if (token === "\\a") return "\\x07";
	const code = /^\\x\{?([\da-fA-F]+)\}?$/.exec(token)?.[1];
	if (code !== undefined) {
		const value = Number.parseInt(code, 16);
		if (value > 0xffff) throw REFUSED();
		return `\\u${value.toString(16).padStart(4, "0")}`;
	}
	if (!PLAIN.test(token)) throw REFUSED();
	return token;
}

function small(character: string): string {
	return /[A-Z]/.test(character)
		? `\\x${character.charCodeAt(0).toString(16)}`
		: character;
}

/** A class from its bracket on, and where it ends. */
function classAt(pattern: string, start: number): readonly [string, number] {
	let at = start + 1;
	const isNegated = pattern[at] === "^";
	if (isNegated) at++;
	let inside = "";
	for (let isFirst = true; isFirst || pattern[at] !== "]"; isFirst = false) {
		if (at >= pattern.length) throw REFUSED();
		const named = /^\[:(\w+):\]/.exec(pattern.slice(at, at + 12));
		const token = named?.[0] ?? tokenInside(pattern, at);
		inside += named ? setOf(named[1]) : characterOf(token);
		at += token.length;
	}
	if (/[\ud800-\udfff]/.test(inside)) throw REFUSED();
	return [isNegated ? `(?:${PAIR}|[^${inside}])` : `[${inside}]`, at + 1];
}

function tokenInside(pattern: string, at: number): string {
	const found = /^\\(x\{[\da-fA-F]+\}|x[\da-fA-F]{2}|[\s\S])/.exec(
		pattern.slice(at, at + 12),
	);
	return found?.[0] ?? pattern[at];
}

function setOf(name: string): string {
	const set = NAMED[name];
	if (set === undefined) throw REFUSED();
	return set;
}

function characterOf(token: string): string {
	if (token === "[" || token === "]") return `\\${token}`;
	if (!token.startsWith("\\")) return small(token);
	return CLASSES[token.slice(1)] ?? escaped(token);
}

/** What takes the place of a match: `\1` is `$1`. Fails with UNSUPPORTED where it has capitals. */
export function javascriptRewrite(rewrite: string): string {
	if (/[A-Z]/.test(rewrite))
		throw unfit("TensorFlow.js takes no capitals in what replaces a match");
	return rewrite
		.replace(/\$/g, "$$$$")
		.replace(/\\(\d|\\)/g, (_, what: string) =>
			what === "\\" ? "\\" : what === "0" ? "$&" : `$${what}`,
		);
}
