import { fail } from "../../errors.js";
import { boolAttr, bytesAttr, intAttr, intsAttr } from "../../graph/attrs.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import type { HostKernel } from "../kernel.js";
import { rowEnds } from "./rows.js";
import { textsOf } from "./text.js";

/** Neighbouring words of each row of a ragged tensor joined, for each width in turn (string_ngrams_op.cc). */
export const ngrams: HostKernel = (node, [data, splits]) => {
	const words = textsOf(data);
	const ends = rowEnds(splits, words.length);
	const rules = rulesOf(node);
	if (rules.widths.some((width) => width < 1))
		throw fail(
			"INVALID",
			`cannot join ${rules.widths} words: wanted at least one`,
		);
	const made: Uint8Array[] = [];
	const madeSplits = ends.slice(0, 1).map(() => 0);
	for (let row = 0; row + 1 < ends.length; row++) {
		made.push(...rowNgrams(words.slice(ends[row], ends[row + 1]), rules));
		madeSplits.push(made.length);
	}
	return [
		{ dtype: "string", shape: [made.length], data: made },
		tensorFromNumbers(splits.dtype, [madeSplits.length], madeSplits),
	];
};

interface NgramRules {
	readonly widths: readonly number[];
	readonly separator: Uint8Array;
	readonly left: Uint8Array;
	readonly right: Uint8Array;
	/** How many pads at most; all that a width allows if negative. */
	readonly padWidth: number;
	readonly keepsShort: boolean;
}

function rulesOf(node: Parameters<HostKernel>[0]): NgramRules {
	return {
		widths: intsAttr(node, "ngram_widths"),
		separator: bytesAttr(node, "separator"),
		left: bytesAttr(node, "left_pad"),
		right: bytesAttr(node, "right_pad"),
		padWidth: intAttr(node, "pad_width"),
		keepsShort: boolAttr(node, "preserve_short_sequences"),
	};
}

function rowNgrams(
	words: readonly Uint8Array[],
	rules: NgramRules,
): Uint8Array[] {
	const made = rules.widths.flatMap((width) =>
		ofWidth(words, width, padsFor(width, rules), rules),
	);
	if (made.length > 0 || !rules.keepsShort || words.length === 0) return made;
	// a row too short for any width is kept whole, with all the pads that it may have
	const { padWidth } = rules;
	const pads = padWidth >= 0 ? padWidth : Math.max(...rules.widths) - 1;
	const width = words.length + 2 * pads;
	return ofWidth(words, width, pads, rules);
}

function padsFor(width: number, { padWidth }: NgramRules): number {
	return padWidth < 0 ? width - 1 : Math.min(padWidth, width - 1);
}

function ofWidth(
	words: readonly Uint8Array[],
	width: number,
	pads: number,
	{ left, right, separator }: NgramRules,
): Uint8Array[] {
	const padded = [
		...new Array<Uint8Array>(pads).fill(left),
		...words,
		...new Array<Uint8Array>(pads).fill(right),
	];
	const count = Math.max(0, padded.length - width + 1);
	return Array.from({ length: count }, (_, i) =>
		Buffer.concat(
			padded
				.slice(i, i + width)
				.flatMap((word, k) => (k === 0 ? [word] : [separator, word])),
		),
	);
}
