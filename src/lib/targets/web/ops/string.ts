import {
	boolAttr,
	bytesAttr,
	intAttr,
	intsAttr,
	stringAttr,
} from "../../../graph/attrs.js";
import type { stringOps } from "../../../ops/string.js";
import { unfit } from "../arithmetic.js";
import { bool, int, ints, text } from "../attrs.js";
import type {
	WebContext,
	WebLowering,
	WebTable,
	WebValue,
} from "../lowering.js";
import { concatenated } from "./concatenation.js";
import { javascriptExpression, javascriptRewrite } from "./expression.js";
import { withAttrs } from "./rows.js";

const replaced: WebLowering = (context) => {
	const { node, input } = context;
	const isGlobal = boolAttr(node, "replace_global");
	return replacement(context, input(0), {
		pattern: javascriptExpression(stringAttr(node, "pattern"), isGlobal),
		rewrite: javascriptRewrite(stringAttr(node, "rewrite")),
		isGlobal,
	});
};

interface Replacement {
	readonly pattern: string;
	readonly rewrite: string;
	readonly isGlobal: boolean;
}

function replacement(
	{ emit }: WebContext,
	value: WebValue,
	{ pattern, rewrite, isGlobal }: Replacement,
): WebValue {
	return emit("StaticRegexReplace", [value], {
		pattern: text(pattern),
		rewrite: text(rewrite),
		replace_global: bool(isGlobal),
	});
}

/** Letter by letter: capitals have to be written as numbers. */
const lower: WebLowering = (context) => {
	const { node, input } = context;
	if (stringAttr(node, "encoding") !== "")
		throw unfit("TensorFlow.js makes only letters of ASCII small");
	return [..."abcdefghijklmnopqrstuvwxyz"].reduce(
		(value, letter) =>
			replacement(context, value, {
				pattern: `\\x${letter.toUpperCase().charCodeAt(0).toString(16)}`,
				rewrite: letter,
				isGlobal: true,
			}),
		input(0),
	);
};

const stripped: WebLowering = (context) =>
	replacement(context, context.input(0), {
		pattern: "^[ \\t-\\r]+|[ \\t-\\r]+$",
		rewrite: "",
		isGlobal: true,
	});

/** Pieces between a character that is known, or of what has no spaces in it. */
const split: WebLowering = (context) => {
	const { node, input, constant } = context;
	const separator = (
		constant(1)?.data as readonly Uint8Array[] | undefined
	)?.[0];
	if (separator === undefined || separator.length > 1)
		throw unfit("TensorFlow.js splits text at one character");
	if (intAttr(node, "maxsplit") >= 0)
		throw unfit("TensorFlow.js splits text as often as it can");
	return separator.length === 0
		? pieces(context, input(0), SPACES, true)
		: betweenAll(context, separator);
};

const SPACES = new TextEncoder().encode(" \t\n\v\f\r");

/** Indices, values and shape of the pieces between any of these characters. */
function pieces(
	{ emitMany, weight }: WebContext,
	value: WebValue,
	characters: Uint8Array,
	skipsEmpty: boolean,
): readonly WebValue[] {
	return emitMany(
		"StringSplit",
		[value, weight({ dtype: "string", shape: [], data: [characters] })],
		3,
		{ skip_empty: bool(skipsEmpty) },
	);
}

/** TensorFlow.js finds no piece in a text without characters: each gets a separator ahead, and the piece before it is left out. */
function betweenAll(
	context: WebContext,
	separator: Uint8Array,
): readonly WebValue[] {
	const { input, emit, ints, scalar, weight } = context;
	const ahead = weight({ dtype: "string", shape: [], data: [separator] });
	const [indices, values, shape] = pieces(
		context,
		concatenated(context, [ahead, input(0)]),
		separator,
		false,
	);
	const places = emit("Slice", [indices, ints([0, 1]), ints([-1, 1])]);
	const isKept = emit("Greater", [
		emit("Reshape", [places, ints([-1])]),
		scalar(0),
	]);
	const kept = emit("Where", [isKept]);
	const first = ints([0, 1]);
	return [
		emit("Sub", [emit("GatherNd", [indices, kept]), first]),
		emit("GatherNd", [values, kept]),
		emit("Maximum", [emit("Sub", [shape, first]), scalar(0)]),
	];
}

/** Texts with a separator between each two. */
const joined: WebLowering = (context) => {
	const { node, input, weight } = context;
	const separator = bytesAttr(node, "separator");
	const between =
		separator.length === 0
			? []
			: [weight({ dtype: "string", shape: [], data: [separator] })];
	return concatenated(
		context,
		node.inputs.flatMap((_, i) =>
			i === 0 ? [input(i)] : [...between, input(i)],
		),
	);
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

const bucketed: WebLowering = (context) => {
	const buckets = intAttr(context.node, "num_buckets");
	if (buckets > 2 ** 31)
		throw unfit(`TensorFlow.js holds no numbers of ${buckets} buckets`);
	return context.emit("StringToHashBucketFast", [context.input(0)], {
		num_buckets: int(buckets),
	});
};

export const stringRows: WebTable<typeof stringOps> = {
	StaticRegexReplace: replaced,
	StringJoin: joined,
	StringLower: lower,
	StringStrip: stripped,
	StringSplitV2: split,
	StringNGrams: grams,
	StringSplit: withAttrs((node) => ({
		skip_empty: bool(boolAttr(node, "skip_empty")),
	})),
	StringToHashBucketFast: bucketed,
};
