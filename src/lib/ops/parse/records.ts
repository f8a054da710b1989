import { dtypeAttr, dtypesAttr, stringsAttr } from "../../graph/attrs.js";
import { DTYPES } from "../../tensor/dtype.js";
import type { Shape } from "../../tensor/tensor.js";
import { type InferRule, type OpEntry, primitive } from "../define.js";
import { elementsOf, sameAsInput } from "../shapes.js";

const csv: InferRule = ({ node, inputs: [records] }) =>
	dtypesAttr(node, "OUT_TYPE").map((dtype) => ({
		dtype,
		shape: records.shape,
	}));

const raw: InferRule = ({ node, inputs: [bytes] }) => [
	{ dtype: dtypeAttr(node, "out_type"), shape: appended(bytes.shape, -1) },
];

const paddedRaw: InferRule = (context) => {
	const { node, inputs } = context;
	const dtype = dtypeAttr(node, "out_type");
	const length = elementsOf(context, 1)?.[0];
	const size = length === undefined ? -1 : length / DTYPES[dtype].bytes;
	return [
		{
			dtype,
			shape: appended(inputs[0].shape, Number.isInteger(size) ? size : -1),
		},
	];
};

/** Serialized protocol buffers: how often each field comes, and its values padded to the longest. */
const protocolBuffers: InferRule = ({ node, inputs: [bytes] }) => [
	{
		dtype: "int32",
		shape: appended(bytes.shape, stringsAttr(node, "field_names").length),
	},
	...dtypesAttr(node, "output_types").map((dtype) => ({
		dtype,
		shape: appended(bytes.shape, -1),
	})),
];

export const recordOps = {
	DecodeCSV: primitive(csv),
	DecodeRaw: primitive(raw),
	DecodePaddedRaw: primitive(paddedRaw),
	DecodeCompressed: primitive(sameAsInput),
	DecodeJSONExample: primitive(sameAsInput),
	DecodeProtoV2: primitive(protocolBuffers),
	EncodeProto: primitive(({ inputs: [sizes] }) => [
		{ dtype: "string", shape: sizes.shape?.slice(0, -1) },
	]),
	ParseTensor: primitive(({ node }) => [
		{ dtype: dtypeAttr(node, "out_type"), shape: undefined },
	]),
	SerializeTensor: primitive(() => [{ dtype: "string", shape: [] }]),
} as const satisfies Record<string, OpEntry>;

function appended(shape: Shape, size: number): Shape {
	return shape === undefined ? undefined : [...shape, size];
}
