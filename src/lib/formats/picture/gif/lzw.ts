import { fail } from "../../../errors.js";

const MAX_BITS = 12;
const MAX_CODES = 2 ** MAX_BITS;

/** Undoes GIF's Lempel-Ziv-Welch codes, which give `count` indices and were checked. Fails with CORRUPT where there are fewer. */
export function decodeLzw(
	codes: Uint8Array,
	codeSize: number,
	count: number,
): Uint8Array {
	const clear = 1 << codeSize;
	const prefixes = new Uint16Array(MAX_CODES);
	const suffixes = new Uint8Array(MAX_CODES);
	const lengths = new Uint16Array(MAX_CODES).fill(1, 0, clear);
	for (let i = 0; i < clear; i++) suffixes[i] = i;
	const indices = new Uint8Array(count);
	let [next, width, previous] = [clear + 2, codeSize + 1, -1];
	let [bits, held, at, filled] = [0, 0, 0, 0];
	while (filled < count) {
		while (held < width) {
			if (at >= codes.length) throw short(filled, count);
			bits |= codes[at++] << held;
			held += 8;
		}
		const code = bits & ((1 << width) - 1);
		bits >>>= width;
		held -= width;
		if (code === clear) {
			[next, width, previous] = [clear + 2, codeSize + 1, -1];
			continue;
		}
		if (code === clear + 1) throw short(filled, count);
		const isNew = code >= next;
		if (previous < 0 ? code >= clear : code > next)
			throw broken(`code ${code} is not in its table`);
		// a code that is being made stands for the one before and its own first index
		let from = isNew ? previous : code;
		const length = isNew ? lengths[previous] + 1 : lengths[code];
		let to = filled + length - 1;
		if (isNew) to--;
		for (; from >= clear; from = prefixes[from], to--)
			if (to < count) indices[to] = suffixes[from];
		if (to < count) indices[to] = from;
		if (isNew && filled + length <= count) indices[filled + length - 1] = from;
		if (previous >= 0 && next < MAX_CODES) {
			prefixes[next] = previous;
			suffixes[next] = from;
			lengths[next] = lengths[previous] + 1;
			next++;
			if (next === 1 << width && width < MAX_BITS) width++;
		}
		previous = code;
		filled += length;
	}
	return indices;
}

/** Fails with CORRUPT where no codes of that length could give so many indices. */
export function checkLzw(
	codes: Uint8Array,
	codeSize: number,
	count: number,
): void {
	if (codeSize < 1 || codeSize > 8)
		throw broken(`its codes begin with ${codeSize} bits`);
	const most = Math.ceil((codes.length * 8) / (codeSize + 1));
	if (count > most * Math.min(most, MAX_CODES)) throw short(0, count);
}

function short(found: number, wanted: number) {
	return broken(`it has ${found} pixels of ${wanted}`);
}

function broken(found: string) {
	return fail("CORRUPT", `cannot read the GIF: ${found}`);
}
