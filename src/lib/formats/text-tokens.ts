import { fail, type MlshipError } from "../errors.js";

/** A token of protobuf's text format; `text` is what stands in the file, strings with their quotes. */
export interface Token {
	readonly kind: "name" | "number" | "string" | "symbol" | "end";
	readonly text: string;
	readonly at: number;
}

/** Says where a line and a column are, both from 1. */
export type DescribePlace = (line: number, column: number) => string;

/** Reads tokens one by one; its state is the place in the text. `source` is the name that errors mention. */
export class TextTokens {
	private at = 0;
	private lookahead: Token | undefined;

	constructor(
		private readonly text: string,
		private readonly source: string,
		private readonly describePlace: DescribePlace = (line, column) =>
			`line ${line}, column ${column}`,
	) {}

	peek(): Token {
		this.lookahead ??= this.scan();
		return this.lookahead;
	}

	next(): Token {
		const token = this.peek();
		this.lookahead = undefined;
		return token;
	}

	/** Takes the symbol if it is next. */
	take(symbol: string): boolean {
		const { kind, text } = this.peek();
		if (kind !== "symbol" || text !== symbol) return false;
		this.lookahead = undefined;
		return true;
	}

	/** Takes the symbol, or fails. */
	expect(symbol: string): void {
		if (!this.take(symbol)) throw this.unexpected(`"${symbol}"`);
	}

	unexpected(wanted: string): MlshipError {
		const token = this.peek();
		const found =
			token.kind === "end" ? "the end" : JSON.stringify(clip(token.text));
		return this.failure(`found ${found}, wanted ${wanted}`, token.at);
	}

	/** A failure at the next token, or at a place in the text. */
	failure(reason: string, at = this.peek().at): MlshipError {
		const lines = this.text.slice(0, at).split("\n");
		const line = lines.length;
		const column = columnAfter(lines[line - 1]);
		return fail(
			"INVALID",
			`cannot read ${this.source}: ${this.describePlace(line, column)}: ${reason}`,
			{ at: { file: this.source, line, column } },
		);
	}

	private scan(): Token {
		// one by one: a regular expression would exhaust its stack on many of them
		for (
			let end = matchAt(BLANK, this.text, this.at);
			end !== undefined;
			end = matchAt(BLANK, this.text, this.at)
		)
			this.at = end;
		const start = this.at;
		if (start === this.text.length) return { kind: "end", text: "", at: start };
		const kind = KINDS.find(({ pattern }) => {
			const end = matchAt(pattern, this.text, start);
			if (end !== undefined) this.at = end;
			return end !== undefined;
		})?.kind;
		if (kind === undefined) this.at = this.stringEnd(start);
		const text = this.text.slice(start, this.at);
		return { kind: kind ?? "string", text, at: start };
	}

	/** Scanned by hand, as a regular expression would exhaust its stack on a string of megabytes. */
	private stringEnd(start: number): number {
		const quote = this.text[start];
		if (quote !== '"' && quote !== "'")
			throw this.failure(
				`found ${JSON.stringify(quote)}, which begins nothing`,
				start,
			);
		for (let i = start + 1; i < this.text.length; i++) {
			if (this.text[i] === quote) return i + 1;
			if (this.text[i] === "\n") break;
			if (this.text[i] === "\\") i++;
		}
		throw this.failure("a string does not end on its line", start);
	}
}

/** From 1, in bytes, tab stops being 8 apart: as libprotobuf counts (tokenizer.cc). */
function columnAfter(text: string): number {
	let column = 0;
	for (const byte of Buffer.from(text))
		column += byte === TAB ? 8 - (column % 8) : 1;
	return column + 1;
}

const TAB = 9;

const BLANK = /[ \t\n\v\f\r]+|#[^\n]*/y;

const KINDS: readonly { kind: Token["kind"]; pattern: RegExp }[] = [
	{ kind: "name", pattern: /[A-Za-z_]\w*/y },
	{
		kind: "number",
		pattern:
			/0[xX][\dA-Fa-f]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fF]?(?![\w.])/y,
	},
	{ kind: "symbol", pattern: /[{}<>[\]:,;/.-]/y },
];

function matchAt(
	pattern: RegExp,
	text: string,
	at: number,
): number | undefined {
	pattern.lastIndex = at;
	return pattern.test(text) ? pattern.lastIndex : undefined;
}

/** What an error may repeat of a text. */
export function clip(text: string): string {
	return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
