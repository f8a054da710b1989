/** One cell: text, and how it is set apart; padding is counted without the style. */
export interface Cell {
	readonly text: string;
	readonly style?: (text: string) => string;
	readonly align?: "right";
}

/** Rows as lines whose cells stand under each other, two spaces apart; nothing trails. */
export function columns(
	rows: readonly (readonly Cell[])[],
	indent = "",
): string[] {
	const widths: number[] = [];
	for (const row of rows)
		row.forEach(({ text }, i) => {
			widths[i] = Math.max(widths[i] ?? 0, text.length);
		});
	return rows.map((row) => {
		const cells = row.map(({ text, style, align }, i) => {
			const gap = " ".repeat(widths[i] - text.length);
			const shown = style === undefined ? text : style(text);
			if (align === "right") return gap + shown;
			return i === row.length - 1 ? shown : shown + gap;
		});
		return `${indent}${cells.join("  ")}`.trimEnd();
	});
}

/** Words on lines of at most `width` characters, each line indented; a longer word has a line of its own. */
export function wrapped(
	words: readonly string[],
	indent: string,
	width = 100,
): string[] {
	const lines: string[] = [];
	let line = "";
	for (const word of words) {
		if (line !== "" && indent.length + line.length + 1 + word.length > width) {
			lines.push(indent + line);
			line = "";
		}
		line += line === "" ? word : ` ${word}`;
	}
	return line === "" ? lines : [...lines, indent + line];
}
