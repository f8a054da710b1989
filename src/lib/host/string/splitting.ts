import { boolAttr, intAttr } from "../../graph/attrs.js";
import { longTensor } from "../../tensor/integers.js";
import { packedTensor, packedTexts } from "../../tensor/packed-texts.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import { scalarText } from "./text.js";

/** Cut at white space where the separator is empty, else at each separator; at most `maxsplit` cuts. */
export const splitV2: HostKernel = (node, [x, separator]) => {
	const at = scalarText(separator);
	const most = intAttr(node, "maxsplit");
	const limit = most > 0 ? most : Number.POSITIVE_INFINITY;
	if (most === 0) return sparse(x, whole);
	return sparse(x, at.length === 0 ? words(limit) : parts(at, limit));
};

/** The first version: every byte of the delimiter cuts; an empty one cuts between all bytes. */
export const split: HostKernel = (node, [x, delimiter]) => {
	const cuts = scalarText(delimiter);
	return sparse(
		x,
		cuts.length === 0 ? single : cutAt(cuts, boolAttr(node, "skip_empty")),
	);
};

export const strip: (bytes: Uint8Array) => Uint8Array = (text) => {
	let start = 0;
	let end = text.length;
	while (start < end && isSpace(text[start])) start++;
	while (end > start && isSpace(text[end - 1])) end--;
	return text.subarray(start, end);
};

/** Adds the parts of the text from `start` to `end` to those that were found before: where each begins and ends. */
type Cut = (
	bytes: Uint8Array,
	start: number,
	end: number,
	found: number[],
) => void;

const whole: Cut = (_, start, end, found) => {
	found.push(start, end);
};

const single: Cut = (_, start, end, found) => {
	for (let i = start; i < end; i++) found.push(i, i + 1);
};

function cutAt(cuts: Uint8Array, skipsEmpty: boolean): Cut {
	const isCut = new Uint8Array(256);
	for (const byte of cuts) isCut[byte] = 1;
	return (bytes, first, end, found) => {
		let start = first;
		for (let i = first; i <= end; i++) {
			if (i < end && isCut[bytes[i]] === 0) continue;
			const isWanted = i > start || (!skipsEmpty && end > first);
			if (isWanted) found.push(start, i);
			start = i + 1;
		}
	};
}

/** The rest after the last cut that is allowed stays whole, also if it is empty (string_split_op.cc, SplitV2). */
function words(limit: number): Cut {
	return (bytes, first, end, found) => {
		let at = first;
		for (let count = 0; ; count++) {
			while (at < end && isSpace(bytes[at])) at++;
			if (count >= limit) {
				found.push(at, end);
				return;
			}
			if (at === end) return;
			const start = at;
			while (at < end && !isSpace(bytes[at])) at++;
			found.push(start, at);
		}
	};
}

function parts(separator: Uint8Array, limit: number): Cut {
	return (bytes, first, end, found) => {
		// a search must not go on into the texts behind
		const text = Buffer.from(bytes.buffer, bytes.byteOffset, end);
		let start = first;
		for (let count = 0; count < limit; count++) {
			const next = text.indexOf(separator, start);
			if (next < 0) break;
			found.push(start, next);
			start = next + separator.length;
		}
		found.push(start, end);
	};
}

/** C's isspace in the C locale. */
function isSpace(byte: number): boolean {
	return byte === 32 || (byte >= 9 && byte <= 13);
}

function sparse(x: Tensor, cut: Cut): readonly Tensor[] {
	const { bytes, starts, ends } = packedTexts(x);
	const found: number[] = [];
	const counts = new Uint32Array(ends.length);
	for (let row = 0; row < ends.length; row++) {
		const before = found.length;
		cut(bytes, starts[row], ends[row], found);
		counts[row] = (found.length - before) / 2;
	}
	const texts = { bytes, ...separated(found) };
	const count = found.length / 2;
	const [indices, widest] = places(counts, count);
	return [
		{ dtype: "int64", shape: [count, 2], data: indices },
		packedTensor([count], texts),
		longTensor([2], [ends.length, widest]),
	];
}

function separated(pairs: readonly number[]) {
	const starts = new Uint32Array(pairs.length / 2);
	const ends = new Uint32Array(pairs.length / 2);
	for (let i = 0; i < ends.length; i++) {
		starts[i] = pairs[2 * i];
		ends[i] = pairs[2 * i + 1];
	}
	return { starts, ends };
}

/** Row and place in it of each part, and the most parts of a row. */
function places(
	counts: Uint32Array,
	count: number,
): readonly [BigInt64Array, number] {
	const indices = new BigInt64Array(count * 2);
	// places are small: half of each number is all there is to write
	const words = new Uint32Array(indices.buffer);
	let [at, widest] = [0, 0];
	for (let row = 0; row < counts.length; row++) {
		for (let i = 0; i < counts[row]; i++, at += 4) {
			words[at] = row;
			words[at + 2] = i;
		}
		widest = Math.max(widest, counts[row]);
	}
	return [indices, widest];
}
