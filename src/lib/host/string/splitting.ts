import { boolAttr, intAttr } from "../../graph/attrs.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import { scalarText, textsOf } from "./text.js";

/** Cut at white space where the separator is empty, else at each separator; at most `maxsplit` cuts. */
export const splitV2: HostKernel = (node, [x, separator]) => {
	const at = scalarText(separator);
	const most = intAttr(node, "maxsplit");
	if (most === 0) return sparse(textsOf(x).map((text) => [text]));
	const limit = most > 0 ? most : Number.POSITIVE_INFINITY;
	return sparse(
		textsOf(x).map((text) =>
			at.length === 0 ? words(text, limit) : parts(text, at, limit),
		),
	);
};

/** The first version: every byte of the delimiter cuts; an empty one cuts between all bytes. */
export const split: HostKernel = (node, [x, delimiter]) => {
	const skipsEmpty = boolAttr(node, "skip_empty");
	const isCut = new Uint8Array(256);
	const cuts = scalarText(delimiter);
	for (const byte of cuts) isCut[byte] = 1;
	return sparse(
		textsOf(x).map((text) => {
			if (cuts.length === 0)
				return Array.from(text, (_, i) => text.subarray(i, i + 1));
			const found = cutAt(text, isCut);
			return skipsEmpty ? found.filter(({ length }) => length > 0) : found;
		}),
	);
};

export const strip: (bytes: Uint8Array) => Uint8Array = (text) => {
	let start = 0;
	let end = text.length;
	while (start < end && isSpace(text[start])) start++;
	while (end > start && isSpace(text[end - 1])) end--;
	return text.subarray(start, end);
};

function cutAt(text: Uint8Array, isCut: Uint8Array): Uint8Array[] {
	const found: Uint8Array[] = [];
	let start = 0;
	for (let i = 0; i < text.length; i++)
		if (isCut[text[i]] === 1) {
			found.push(text.subarray(start, i));
			start = i + 1;
		}
	if (text.length > 0) found.push(text.subarray(start));
	return found;
}

/** The rest after the last cut that is allowed stays whole, also if it is empty (string_split_op.cc, SplitV2). */
function words(text: Uint8Array, limit: number): Uint8Array[] {
	const found: Uint8Array[] = [];
	let at = 0;
	for (;;) {
		while (at < text.length && isSpace(text[at])) at++;
		if (found.length >= limit) return [...found, text.subarray(at)];
		if (at === text.length) return found;
		const start = at;
		while (at < text.length && !isSpace(text[at])) at++;
		found.push(text.subarray(start, at));
	}
}

function parts(
	text: Uint8Array,
	separator: Uint8Array,
	limit: number,
): Uint8Array[] {
	const found: Uint8Array[] = [];
	const bytes = Buffer.from(text.buffer, text.byteOffset, text.length);
	let start = 0;
	while (found.length < limit) {
		const next = bytes.indexOf(separator, start);
		if (next < 0) break;
		found.push(text.subarray(start, next));
		start = next + separator.length;
	}
	return [...found, text.subarray(start)];
}

/** C's isspace in the C locale. */
function isSpace(byte: number): boolean {
	return byte === 32 || (byte >= 9 && byte <= 13);
}

function sparse(rows: readonly (readonly Uint8Array[])[]): readonly Tensor[] {
	const count = rows.reduce((sum, row) => sum + row.length, 0);
	const widest = rows.reduce((most, row) => Math.max(most, row.length), 0);
	const indices = new BigInt64Array(count * 2);
	const values = new Array<Uint8Array>(count);
	let at = 0;
	for (const [i, row] of rows.entries()) {
		const index = BigInt(i);
		for (const [j, value] of row.entries()) {
			indices[at * 2] = index;
			indices[at * 2 + 1] = BigInt(j);
			values[at++] = value;
		}
	}
	return [
		{ dtype: "int64", shape: [count, 2], data: indices },
		{ dtype: "string", shape: [count], data: values },
		{
			dtype: "int64",
			shape: [2],
			data: BigInt64Array.of(BigInt(rows.length), BigInt(widest)),
		},
	];
}
