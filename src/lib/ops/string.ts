import { dtypeAttr } from "../graph/attrs.js";
import type { DType } from "../tensor/dtype.js";
import type { Shape } from "../tensor/tensor.js";
import { type InferRule, type OpEntry, primitive } from "./define.js";
import { reducedShape } from "./reduce/reduction.js";
import { broadcast, knownElements } from "./shapes.js";

/** The shape of input 0, and this element type. */
function elementwise(dtype: DType): InferRule {
	return ({ inputs: [x] }) => [{ dtype, shape: x.shape }];
}

const text = elementwise("string");

/** A sparse matrix of pieces, as StringSplit returns it. */
const pieces: InferRule = () => [
	{ dtype: "int64", shape: [-1, 2] },
	{ dtype: "string", shape: [-1] },
	{ dtype: "int64", shape: [2] },
];

/** Splits of rows, one more than there are texts. */
function splitsOf(shape: Shape): Shape {
	const rows = shape?.reduce((a, b) => (a < 0 || b < 0 ? -1 : a * b), 1) ?? -1;
	return [rows < 0 ? -1 : rows + 1];
}

/** Text as bytes: the host's alone. */
export const stringOps = {
	StringLower: primitive(text),
	StringUpper: primitive(text),
	StringStrip: primitive(text),
	StringLength: primitive(elementwise("int32")),
	StringJoin: primitive(({ inputs }) => [
		{
			dtype: "string",
			shape: inputs.map(({ shape }) => shape).reduce(broadcast),
		},
	]),
	ReduceJoin: primitive((context) => {
		const axes = knownElements(context, 1);
		const { shape } = context.inputs[0];
		return [
			{
				dtype: "string",
				shape:
					axes === undefined || shape === undefined
						? undefined
						: reducedShape(shape, axes, context.node.attrs.keep_dims === true),
			},
		];
	}),
	UnsortedSegmentJoin: primitive((context) => {
		const [{ shape }, ids] = context.inputs;
		const [segments = -1] = knownElements(context, 2) ?? [];
		const rest =
			shape === undefined || ids.shape === undefined
				? undefined
				: shape.slice(ids.shape.length);
		return [{ dtype: "string", shape: rest && [segments, ...rest] }];
	}),
	Substr: primitive(({ inputs: [x, position] }) => [
		{ dtype: "string", shape: broadcast(x.shape, position.shape) },
	]),
	StringSplit: primitive(pieces),
	StringSplitV2: primitive(pieces),
	RegexReplace: primitive(text),
	StaticRegexReplace: primitive(text),
	RegexFullMatch: primitive(elementwise("bool")),
	StaticRegexFullMatch: primitive(elementwise("bool")),
	StringToNumber: primitive(({ node, inputs: [x] }) => [
		{ dtype: dtypeAttr(node, "out_type"), shape: x.shape },
	]),
	AsString: primitive(text),
	StringFormat: primitive(() => [{ dtype: "string", shape: [] }]),
	StringNGrams: primitive(({ node, inputs: [, splits] }) => [
		{ dtype: "string", shape: [-1] },
		{ dtype: dtypeAttr(node, "Tsplits"), shape: splits.shape },
	]),
	StringToHashBucket: primitive(elementwise("int64")),
	StringToHashBucketFast: primitive(elementwise("int64")),
	StringToHashBucketStrong: primitive(elementwise("int64")),
	Fingerprint: primitive(({ inputs: [x] }) => [
		{ dtype: "uint8", shape: [x.shape?.[0] ?? -1, 8] },
	]),
	EncodeBase64: primitive(text),
	DecodeBase64: primitive(text),
	UnicodeDecode: primitive(({ node, inputs: [x] }) => [
		{ dtype: dtypeAttr(node, "Tsplits"), shape: splitsOf(x.shape) },
		{ dtype: "int32", shape: [-1] },
	]),
	UnicodeDecodeWithOffsets: primitive(({ node, inputs: [x] }) => [
		{ dtype: dtypeAttr(node, "Tsplits"), shape: splitsOf(x.shape) },
		{ dtype: "int32", shape: [-1] },
		{ dtype: "int64", shape: [-1] },
	]),
	UnicodeEncode: primitive(({ inputs: [, splits] }) => {
		const size = splits.shape?.[0] ?? -1;
		return [{ dtype: "string", shape: [size < 0 ? -1 : size - 1] }];
	}),
	UnicodeTranscode: primitive(text),
	UnicodeScript: primitive(elementwise("int32")),
} as const satisfies Record<string, OpEntry>;
