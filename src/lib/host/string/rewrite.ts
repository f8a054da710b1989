/** What takes a match's place: text, and numbers of groups. */
export interface Rewrite {
	readonly parts: readonly (string | number)[];
	/** The highest group that is named. */
	readonly groups: number;
	/** Whether a backslash stands before neither a digit nor a backslash: what comes before it is all that is written. */
	readonly isBroken: boolean;
}

/** Reads \0 … \9 and \\ as RE2::Rewrite does, which takes a rewrite as far as it can be read. */
export function parseRewrite(source: string): Rewrite {
	const parts: (string | number)[] = [];
	for (const [piece] of source.matchAll(/\\[\s\S]?|[^\\]+/g)) {
		if (/^\\\d/.test(piece)) parts.push(Number(piece[1]));
		else if (piece === "\\\\") parts.push("\\");
		else if (piece.startsWith("\\"))
			return { parts, groups: highest(parts), isBroken: true };
		else parts.push(piece);
	}
	return { parts, groups: highest(parts), isBroken: false };
}

function highest(parts: Rewrite["parts"]): number {
	return Math.max(0, ...parts.filter((part) => typeof part === "number"));
}
