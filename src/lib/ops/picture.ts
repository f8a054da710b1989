import { boolAttr, dtypeAttr, intAttr } from "../graph/attrs.js";
import type { Node } from "../graph/ir.js";
import { type InferRule, type OpEntry, primitive } from "./define.js";
import { knownElements } from "./shapes.js";

/** Height, width and channels; those of the file where 0 are asked for. */
const oneBytePicture: InferRule = ({ node }) => [
	{ dtype: "uint8", shape: [-1, -1, wantedChannels(node)] },
];

const typedPicture: InferRule = ({ node }) => [
	{ dtype: dtypeAttr(node, "dtype"), shape: [-1, -1, wantedChannels(node)] },
];

const croppedPicture: InferRule = (context) => {
	const [, , height, width] = knownElements(context, 1) ?? [-1, -1, -1, -1];
	const shape = [height, width, wantedChannels(context.node)];
	return [{ dtype: "uint8", shape }];
};

/** Pictures that move have one dimension more, and only the file says whether they do. */
const anyPicture: InferRule = ({ node }) => [
	{
		dtype: dtypeAttr(node, "dtype"),
		shape: boolAttr(node, "expand_animations")
			? undefined
			: [-1, -1, wantedChannels(node)],
	},
];

const file: InferRule = () => [{ dtype: "string", shape: [] }];

/** Files of pictures: the host's alone. */
export const pictureOps = {
	DecodePng: primitive(typedPicture),
	DecodeJpeg: primitive(oneBytePicture),
	DecodeAndCropJpeg: primitive(croppedPicture),
	DecodeBmp: primitive(oneBytePicture),
	DecodeGif: primitive(() => [{ dtype: "uint8", shape: [-1, -1, -1, 3] }]),
	DecodeWebP: primitive(({ node }) => [
		{
			dtype: dtypeAttr(node, "dtype"),
			shape: [-1, -1, -1, wantedChannels(node)],
		},
	]),
	DecodeImage: primitive(anyPicture),
	ExtractJpegShape: primitive(({ node }) => [
		{ dtype: dtypeAttr(node, "output_type"), shape: [3] },
	]),
	EncodePng: primitive(({ inputs }) => [
		{ dtype: "string", shape: inputs[0].shape?.slice(0, -3) },
	]),
	EncodeJpeg: primitive(file),
	EncodeJpegVariableQuality: primitive(file),
} as const satisfies Record<string, OpEntry>;

function wantedChannels(node: Node): number {
	const channels = intAttr(node, "channels");
	return channels === 0 ? -1 : channels;
}
