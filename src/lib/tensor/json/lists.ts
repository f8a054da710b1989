import { fail, type MlshipError } from "../../errors.js";
import { checkCount } from "../bounds.js";
import { MAX_RANK } from "../tensor.js";
import { CODE, skipSpace } from "./characters.js";
import type { Column } from "./column.js";
import { debugText } from "./debug-text.js";
import { leafError } from "./leaf-error.js";
import { misplaced } from "./members.js";
import { ANY_SIZE, type InnerList } from "./number.js";
import type { Source } from "./source.js";
import { skipValue } from "./syntax.js";

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
			if (depth === lists.rank)
				throw outerSize(source, at, depth, lists) ?? tooDeep(depth, lists.rank);
			openList(depth++, lists);
			at = skipSpace(bytes, at + 1);
			if (bytes[at] !== CLOSE_LIST) continue;
			if (lists.rank < 0) lists.rank = depth;
			INDICES[depth - 1] = -1;
		} else at = readElements(source, at, column, lists, depth);
		while (depth > 0) {
			at = skipSpace(bytes, at);
			if (bytes[at] !== CLOSE_LIST) break;
			closeList(source, at++, depth--, lists);
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

function openList(depth: number, { sizes }: Lists): void {
	if (depth === MAX_RANK)
		throw fail(
			"INVALID",
			`Encountered more than ${MAX_RANK} lists inside one another`,
		);
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
		throw (
			outerSize(source, at, depth, lists) ??
			fail(
				"INVALID",
				`JSON Value: ${debugText(source, at)} found at incorrect level: ${depth + 1} in the JSON DOM. Expected at level: ${lists.rank}`,
				{ at: path(depth) },
			)
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
	checkCount(column.count, source.bounds);
	if (depth > 0)
		INDICES[depth - 1] = inner.size - inner.left - (end < 0 ? 0 : 1);
	if (depth > 1) INDICES[depth - 2] += inner.ended;
	if (end < 0) throw elementError(source, ~end, column, lists, depth);
	return end;
}

/** Why the value at `at` is no element of the list that is open. */
function elementError(
	source: Source,
	at: number,
	{ dtype }: Column,
	lists: Lists,
	depth: number,
): MlshipError {
	const outer = outerSize(source, at, depth, lists);
	if (outer !== undefined) return outer;
	return source.bytes[at] === OPEN_LIST
		? tooDeep(depth, lists.rank)
		: leafError(source, at, dtype, path(depth));
}

/**
 * TensorFlow Serving knows how long a list is before it looks into it. So where something is wrong with the value at `at`, the
 * outermost of the lists around it that is not as long as those before it is what is said to be wrong.
 */
function outerSize(
	source: Source,
	at: number,
	depth: number,
	lists: Lists,
): MlshipError | undefined {
	const { bytes } = source;
	if (bytes[at] !== CLOSE_LIST)
		return outerSizeBehind(source, skipValue(bytes, at), depth, lists);
	// an empty list, which a column met behind a full one
	INDICES[depth - 1] = -1;
	return outerSizeBehind(source, at, depth, lists);
}

/** The same, from behind the value on. */
function outerSizeBehind(
	{ bytes }: Source,
	end: number,
	depth: number,
	{ sizes }: Lists,
): MlshipError | undefined {
	let offset = end;
	let found: { level: number; size: number } | undefined;
	for (let level = depth - 1; level >= 0; level--) {
		let size = INDICES[level] + 1;
		offset = skipSpace(bytes, offset);
		for (; bytes[offset] === COMMA; size++)
			offset = skipSpace(bytes, skipValue(bytes, skipSpace(bytes, offset + 1)));
		if (bytes[offset] !== CLOSE_LIST) throw misplaced(offset);
		offset++;
		if (sizes[level] >= 0 && sizes[level] !== size) found = { level, size };
	}
	return found && wrongSize(found.level, found.size, sizes[found.level]);
}

function wrongSize(level: number, size: number, expected: number): MlshipError {
	INDICES[level] = Math.min(size, expected);
	return fail(
		"INVALID",
		`Encountered list at unexpected size: ${size} at level: ${level} expected size: ${expected}`,
		{ at: path(level + 1) },
	);
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
function closeList(
	source: Source,
	at: number,
	depth: number,
	lists: Lists,
): void {
	const { sizes } = lists;
	const size = INDICES[depth - 1] + 1;
	const expected = sizes[depth - 1];
	if (expected === size) return;
	if (expected < 0) sizes[depth - 1] = size;
	else
		throw (
			outerSizeBehind(source, at + 1, depth - 1, lists) ??
			wrongSize(depth - 1, size, expected)
		);
}
