/** How lists are spread over lines: what stands before the first item, between items, and before the closing bracket. */
export interface Layout {
	first(level: number): Uint8Array;
	between(level: number): Uint8Array;
	last(level: number): Uint8Array;
	/** Around the one member of a `{"b64": …}` object. */
	readonly object: ObjectLayout;
}

/** `level` is how many brackets are open around the object. */
export interface ObjectLayout {
	open(level: number): Uint8Array;
	readonly colon: string;
	close(level: number): Uint8Array;
}

/** A new line, indented by four spaces a level (rapidjson, PrettyWriter). */
export function lineBreak(level: number): Uint8Array {
	LINE_BREAKS[level] ??= Buffer.from(`\n${" ".repeat(4 * level)}`);
	return LINE_BREAKS[level];
}

const LINE_BREAKS: Uint8Array[] = [];
const COMMA_BREAKS: Uint8Array[] = [];

function commaBreak(level: number): Uint8Array {
	COMMA_BREAKS[level] ??= Buffer.concat([Buffer.from(","), lineBreak(level)]);
	return COMMA_BREAKS[level];
}

const NOTHING = Buffer.alloc(0);
const COMMA = Buffer.from(",");
const COMMA_SPACE = Buffer.from(", ");

const OBJECT_OF_LINES: ObjectLayout = {
	open: (level) => lineBreak(level + 1),
	colon: ": ",
	close: lineBreak,
};

/** Lists on one line; objects are spread nevertheless. */
export const ONE_LINE: Layout = {
	first: () => NOTHING,
	between: () => COMMA_SPACE,
	last: () => NOTHING,
	object: OBJECT_OF_LINES,
};

/** Every item on a line of its own. */
export const LINES: Layout = {
	first: (level) => lineBreak(level + 1),
	between: (level) => commaBreak(level + 1),
	last: lineBreak,
	object: OBJECT_OF_LINES,
};

export const COMPACT: Layout = {
	first: () => NOTHING,
	between: () => COMMA,
	last: () => NOTHING,
	object: { open: () => NOTHING, colon: ":", close: () => NOTHING },
};
