import { CODE, skipSpace } from "./characters.js";
import { skipString, skipValue, syntaxError } from "./syntax.js";
import { stringText } from "./text.js";

/** A member of an object that is being read. */
export interface Member {
	/** Which of the known names it has; -1 for none of them. */
	readonly index: number;
	/** Where its name begins. */
	readonly nameAt: number;
	readonly valueAt: number;
}

/**
 * Names that are looked for in object after object. Objects of a list mostly have their members in one order, so the
 * name that followed last time is tried first, by its bytes.
 */
export class Names {
	readonly #known: readonly Buffer[];
	readonly #texts: readonly string[];
	readonly #followers: number[];

	constructor(names: readonly string[]) {
		this.#texts = names;
		this.#known = names.map((name) => Buffer.from(name));
		this.#followers = [0, ...names.map((_, i) => (i + 1) % names.length)];
	}

	/** The place of a name in the list, -1 if it is not there; `previous` is that of the member before, -1 at the start. */
	find(
		bytes: Uint8Array,
		start: number,
		end: number,
		previous: number,
	): number {
		const expected = this.#followers[previous + 1];
		if (isAt(bytes, start, end, this.#known[expected])) return expected;
		const name = stringText(bytes, start, end);
		const found = this.#texts.indexOf(name);
		if (found >= 0) this.#followers[previous + 1] = found;
		return found;
	}
}

function isAt(
	bytes: Uint8Array,
	start: number,
	end: number,
	name: Buffer | undefined,
): boolean {
	if (name === undefined || end - start - 2 !== name.length) return false;
	for (let i = 0; i < name.length; i++)
		if (bytes[start + 1 + i] !== name[i] || name[i] === CODE.ESCAPE)
			return false;
	return true;
}

/**
 * Walks the members of the object at `at` and returns the offset behind it. `visit` returns the offset behind the value
 * that it read, or undefined to have it skipped.
 */
export function eachMember(
	bytes: Uint8Array,
	at: number,
	names: Names,
	visit: (member: Member) => number | undefined,
): number {
	let previous = -1;
	let offset = skipSpace(bytes, at + 1);
	if (bytes[offset] === CODE.CLOSE_OBJECT) return offset + 1;
	for (;;) {
		if (bytes[offset] !== CODE.QUOTE) throw misplaced(offset);
		const nameAt = offset;
		const nameEnd = skipString(bytes, nameAt);
		offset = skipSpace(bytes, nameEnd);
		if (bytes[offset] !== CODE.COLON) throw misplaced(offset);
		const valueAt = skipSpace(bytes, offset + 1);
		const index = names.find(bytes, nameAt, nameEnd, previous);
		const end = visit({ index, nameAt, valueAt });
		offset = skipSpace(bytes, end ?? skipValue(bytes, valueAt));
		const code = bytes[offset];
		if (code === CODE.CLOSE_OBJECT) return offset + 1;
		if (code !== CODE.COMMA) throw misplaced(offset);
		offset = skipSpace(bytes, offset + 1);
		previous = index;
	}
}

/** The text of a member's name. */
export function memberName(bytes: Uint8Array, nameAt: number): string {
	return stringText(bytes, nameAt, skipString(bytes, nameAt));
}

/** Seen only where a body's syntax has not been checked; `skipDocument` then finds the right words. */
export function misplaced(offset: number): Error {
	return syntaxError("Invalid value.", offset);
}
