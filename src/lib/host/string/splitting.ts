import { boolAttr, intAttr } from "../../graph/attrs.js";
import { longTensor } from "../../tensor/integers.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import { scalarText, textsOf } from "./text.js";

/** Cut at white space where the separator is empty, else at each separator; at most `maxsplit` cuts. */
export const splitV2: HostKernel = (node, [x, separator]) => {
	const at = scalarText(separator);
	const most = intAttr(node, "maxsplit");
	if (most === 0) return sparse(x, (text, found) => found.push(text));
	const limit = most > 0 ? most : Number.POSITIVE_INFINITY;
	return sparse(x, (text, found) =>
		at.length === 0 ? words(text, found, limit) : parts(text, found, at, limit),
	);
};

/** The first version: every byte of the delimiter cuts; an empty one cuts between all bytes. */
export const split: HostKernel = (node, [x, delimiter]) => {
	const skipsEmpty = boolAttr(node, "skip_empty");
	const isCut = new Uint8Array(256);
	const cuts = scalarText(delimiter);
	for (const byte of cuts) isCut[byte] = 1;
	return sparse(x, (text, found) => {
		if (cuts.length > 0) cutAt(text, found, isCut, skipsEmpty);
		else for (let i = 0; i < text.length; i++) found.push(part(text, i, i + 1));
	});
};

export const strip: (bytes: Uint8Array) => Uint8Array = (text) => {
	let start = 0;
	let end = text.length;
	while (start < end && isSpace(text[start])) start++;
	while (end > start && isSpace(text[end - 1])) end--;
	return text.subarray(start, end);
};

/** Adds the parts of a text to those that were found before. */
type Cut = (text: Uint8Array, found: Uint8Array[]) => void;

function cutAt(
	text: Uint8Array,
	found: Uint8Array[],
	isCut: Uint8Array,
	skipsEmpty: boolean,
): void {
	let start = 0;
	for (let i = 0; i <= text.length; i++) {
		if (i < text.length && isCut[text[i]] === 0) continue;
		const isWanted = i > start || (!skipsEmpty && text.length > 0);
		if (isWanted) found.push(part(text, start, i));
		start = i + 1;
	}
}

/** The rest after the last cut that is allowed stays whole, also if it is empty (string_split_op.cc, SplitV2). */
function words(text: Uint8Array, found: Uint8Array[], limit: number): void {
	const { length } = text;
	let at = 0;
	for (let count = 0; ; count++) {
		while (at < length && isSpace(text[at])) at++;
		if (count >= limit) {
			found.push(part(text, at, length));
			return;
		}
		if (at === length) return;
		const start = at;
		while (at < length && !isSpace(text[at])) at++;
		found.push(part(text, start, at));
	}
}

function parts(
	text: Uint8Array,
	found: Uint8Array[],
	separator: Uint8Array,
	limit: number,
): void {
	const bytes = Buffer.from(text.buffer, text.byteOffset, text.length);
	let start = 0;
	for (let count = 0; count < limit; count++) {
		const next = bytes.indexOf(separator, start);
		if (next < 0) break;
		found.push(part(text, start, next));
		start = next + separator.length;
	}
	found.push(part(text, start, text.length));
}

/** What `subarray` gives, in half the time. */
function part(text: Uint8Array, start: number, end: number): Uint8Array {
	return new Uint8Array(text.buffer, text.byteOffset + start, end - start);
}

/** C's isspace in the C locale. */
function isSpace(byte: number): boolean {
	return byte === 32 || (byte >= 9 && byte <= 13);
}

function sparse(x: Tensor, cut: Cut): readonly Tensor[] {
	const values: Uint8Array[] = [];
	const texts = textsOf(x);
	const ends = new Int32Array(texts.length);
	for (let row = 0; row < texts.length; row++) {
		cut(texts[row], values);
		ends[row] = values.length;
	}
	const indices = new BigInt64Array(values.length * 2);
	// places are small: half of each number is all there is to write
	const words = new Uint32Array(indices.buffer);
	let widest = 0;
	for (let row = 0, at = 0; row < ends.length; row++) {
		const start = at;
		for (; at < ends[row]; at++) {
			words[4 * at] = row;
			words[4 * at + 2] = at - start;
		}
		widest = Math.max(widest, at - start);
	}
	return [
		{ dtype: "int64", shape: [values.length, 2], data: indices },
		{ dtype: "string", shape: [values.length], data: values },
		longTensor([2], [texts.length, widest]),
	];
}
