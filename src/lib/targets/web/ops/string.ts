import {
	boolAttr,
	intAttr,
	intsAttr,
	stringAttr,
} from "../../../graph/attrs.js";
import type { stringOps } from "../../../ops/string.js";
import { unfit } from "../arithmetic.js";
import { bool, int, ints, text } from "../attrs.js";
import type { WebLowering, WebTable } from "../lowering.js";
import { withAttrs } from "./rows.js";

/**
 * Expressions of RE2 that mean the same in JavaScript. TensorFlow.js 4.22 makes the text of attributes small, so there may be no
 * capitals in it; \1 of a rewriting is $1.
 */
const replaced: WebLowering = (context) => {
	const [pattern, rewrite] = ["pattern", "rewrite"].map((name) =>
		stringAttr(context.node, name),
	);
	if (/\(\?|\\[pPQCAz]|\[\[:/.test(pattern))
		throw unfit("its expression has no form in JavaScript");
	if (/[A-Z]/.test(pattern + rewrite))
		throw unfit("TensorFlow.js takes no capitals in an expression");
	return withAttrs(({ attrs }) => ({
		pattern: text(pattern),
		rewrite: text(
			rewrite
				.replace(/\$/g, "$$$$")
				.replace(/\\(\d|\\)/g, (_, what: string) =>
					what === "\\" ? "\\" : what === "0" ? "$&" : `$${what}`,
				),
		),
		replace_global: bool(attrs.replace_global === true),
	}))(context);
};

/** The text that is put between and around has to have no capitals either. */
const grams: WebLowering = (context) => {
	const texts = ["separator", "left_pad", "right_pad"];
	const given = texts.map((name) => stringAttr(context.node, name));
	if (/[A-Z]/.test(given.join("")))
		throw unfit("TensorFlow.js takes no capitals in attributes");
	return withAttrs((node) => ({
		...Object.fromEntries(texts.map((name, i) => [name, text(given[i])])),
		ngram_widths: ints(intsAttr(node, "ngram_widths")),
		pad_width: int(intAttr(node, "pad_width")),
		preserve_short_sequences: bool(boolAttr(node, "preserve_short_sequences")),
	}))(context);
};

export const stringRows: WebTable<typeof stringOps> = {
	StaticRegexReplace: replaced,
	StringNGrams: grams,
	StringSplit: withAttrs((node) => ({
		skip_empty: bool(boolAttr(node, "skip_empty")),
	})),
	StringToHashBucketFast: withAttrs((node) => ({
		num_buckets: int(intAttr(node, "num_buckets")),
	})),
};
