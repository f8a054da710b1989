import { fail, type MlshipError } from "../../errors.js";
import { MAX_RANK } from "../tensor.js";
import { CODE, skipSpace } from "./characters.js";
import type { Column } from "./column.js";
import { debugText } from "./debug-text.js";
import { leafError } from "./leaf-error.js";
import { misplaced } from "./members.js";
import { ANY_SIZE, type InnerList } from "./number.js";
import type { Source } from "./source.js";

/** The lengths of nested lists by level. Found while the first value is read; every list after it must agree. */
export interface Lists {
	/** How many levels there are; -1 before the first element. */
	rank: number;
	/** -1 where no list of that level was closed yet. */
	readonly sizes: number[];
	readonly inner: InnerList;
}

export function openLists(): Lists {
	return {
		rank: -1,
		sizes: [],
		inner: { size: 0, left: 0, nested: false, ended: 0 },
	};
}

/**
 * Reads the element or nested lists at `at` into a column and returns the offset behind. Fails with INVALID in TensorFlow
 * Serving's words where lists are not rectangular or an element is of the wrong type; `path` in the error's place holds
 * the indices.
 */
export function readLists(
	source: Source,
	from: number,
	column: Column,
	lists: Lists,
): number {
	const { bytes } = source;
	let depth = 0;
	let at = skipSpace(bytes, from);
	for (;;) {
		if (bytes[at] === OPEN_LIST) {
			openList(depth++, lists);
			at = skipSpace(bytes, at + 1);
			if (bytes[at] !== CLOSE_LIST) continue;
			if (lists.rank < 0) lists.rank = depth;
			INDICES[depth - 1] = -1;
		} else at = readElements(source, at, column, lists, depth);
		while (depth > 0) {
			at = skipSpace(bytes, at);
			if (bytes[at] !== CLOSE_LIST) break;
			closeList(depth--, lists);
			at++;
		}
		if (depth === 0) return at;
		if (bytes[at] !== COMMA) throw misplaced(at);
		INDICES[depth - 1]++;
		at = skipSpace(bytes, at + 1);
	}
}

const { OPEN_LIST, CLOSE_LIST, COMMA } = CODE;

/** Where the reader is in each open list. One is enough, as a value is read to its end before the next. */
const INDICES = new Int32Array(MAX_RANK);

function path(depth: number): { path: string } {
	return { path: INDICES.subarray(0, depth).join(",") };
}

function openList(depth: number, { rank, sizes }: Lists): void {
	if (depth === MAX_RANK)
		throw fail(
			"INVALID",
			`Encountered more than ${MAX_RANK} lists inside one another`,
		);
	if (depth === rank) throw tooDeep(depth, rank);
	if (sizes.length === depth) sizes.push(-1);
	INDICES[depth] = 0;
}

/** Reads one element, or as many of a list as the column takes at once. */
function readElements(
	source: Source,
	at: number,
	column: Column,
	lists: Lists,
	depth: number,
): number {
	const { sizes, inner } = lists;
	if (lists.rank < 0) lists.rank = depth;
	if (depth !== lists.rank)
		throw fail(
			"INVALID",
			`JSON Value: ${debugText(source, at)} found at incorrect level: ${depth + 1} in the JSON DOM. Expected at level: ${lists.rank}`,
			{ at: path(depth) },
		);
	if (depth === 0) openInner(inner, 1, 0, false);
	else
		openInner(
			inner,
			sizes[depth - 1] < 0 ? ANY_SIZE : sizes[depth - 1],
			INDICES[depth - 1],
			depth > 1,
		);
	const end = column.read(source, at, inner);
	if (depth > 0)
		INDICES[depth - 1] = inner.size - inner.left - (end < 0 ? 0 : 1);
	if (depth > 1) INDICES[depth - 2] += inner.ended;
	if (end < 0 && source.bytes[~end] === OPEN_LIST)
		throw tooDeep(depth, lists.rank);
	if (end < 0) throw leafError(source, ~end, column.dtype, path(depth));
	return end;
}

function tooDeep(depth: number, rank: number): MlshipError {
	return fail(
		"INVALID",
		`Encountered list at unexpected level: ${depth} expected < ${rank}`,
		{ at: path(depth) },
	);
}

function openInner(
	inner: InnerList,
	size: number,
	index: number,
	nested: boolean,
): void {
	inner.size = size;
	inner.left = size - index;
	inner.nested = nested;
	inner.ended = 0;
}

/** The last index tells the length of the list. */
function closeList(depth: number, { sizes }: Lists): void {
	const size = INDICES[depth - 1] + 1;
	const expected = sizes[depth - 1];
	if (expected === size) return;
	if (expected >= 0) {
		INDICES[depth - 1] = Math.min(size, expected);
		throw fail(
			"INVALID",
			`Encountered list at unexpected size: ${size} at level: ${depth - 1} expected size: ${expected}`,
			{ at: path(depth) },
		);
	}
	sizes[depth - 1] = size;
}
