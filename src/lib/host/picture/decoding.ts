import { fail } from "../../errors.js";
import type { JpegOptions } from "../../formats/picture/jpeg.js";
import type { Channels } from "../../formats/picture/picture.js";
import {
	boolAttr,
	dtypeAttr,
	floatAttr,
	intAttr,
	stringAttr,
} from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import type { pictureOps } from "../../ops/picture.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import type { Tensor } from "../../tensor/tensor.js";
import { type HostRow, type HostTable, step } from "../kernel.js";
import { tensorOf } from "../value.js";
import { type DecodeOptions, decodedPicture, jpegShape } from "./decode.js";

/** What TensorFlow chooses where an op cannot say: speed before quality. */
const PLAIN_JPEG: JpegOptions = {
	ratio: 1,
	isFancy: true,
	isAccurate: false,
	acceptableFraction: 1,
	recovers: false,
};

type Chosen = Partial<DecodeOptions>;

/** A step, as WebP is decoded elsewhere; all other files are decoded at once. */
function decoding(
	choose: (node: Node, inputs: readonly Tensor[]) => Chosen,
): HostRow {
	return step((node, values) => {
		const inputs = values.map(tensorOf);
		const decoded = decodedPicture(inputs[0], {
			kinds: ["JPEG", "PNG", "GIF", "WebP"],
			channels: 0,
			dtype: "uint8",
			frames: "one",
			jpeg: PLAIN_JPEG,
			...choose(node, inputs),
		});
		return decoded instanceof Promise
			? decoded.then((picture) => [picture])
			: [decoded];
	});
}

function channelsOf(node: Node): Channels {
	const channels = intAttr(node, "channels");
	if (channels === 0 || channels === 1 || channels === 3 || channels === 4)
		return channels;
	throw fail(
		"INVALID",
		`cannot decode pictures to ${channels} channels: wanted 0, 1, 3 or 4`,
	);
}

function jpegOptions(node: Node): JpegOptions {
	const ratio = intAttr(node, "ratio");
	if (ratio !== 1 && ratio !== 2 && ratio !== 4 && ratio !== 8)
		throw fail(
			"INVALID",
			`cannot decode JPEG at a ratio of ${ratio}: wanted 1, 2, 4 or 8`,
		);
	return {
		ratio,
		isFancy: boolAttr(node, "fancy_upscaling"),
		isAccurate: stringAttr(node, "dct_method") === "INTEGER_ACCURATE",
		acceptableFraction: floatAttr(node, "acceptable_fraction"),
		recovers: boolAttr(node, "try_recover_truncated"),
	};
}

export const decodingKernels = {
	DecodePng: decoding((node) => ({
		channels: channelsOf(node),
		dtype: dtypeAttr(node, "dtype"),
	})),
	DecodeJpeg: decoding((node) => ({
		channels: channelsOf(node),
		jpeg: jpegOptions(node),
	})),
	DecodeAndCropJpeg: decoding((node, [, window]) => {
		const [y, x, height, width] = window.data as Int32Array;
		return {
			kinds: ["JPEG"],
			channels: channelsOf(node),
			jpeg: { ...jpegOptions(node), crop: { y, x, height, width } },
		};
	}),
	DecodeGif: decoding(() => ({ channels: 3, frames: "always" })),
	DecodeBmp: decoding((node) => ({
		kinds: ["BMP"],
		channels: channelsOf(node),
	})),
	DecodeWebP: decoding((node) => ({
		kinds: ["JPEG", "PNG", "WebP"],
		channels: channelsOf(node),
		dtype: dtypeAttr(node, "dtype"),
	})),
	DecodeImage: decoding((node) => ({
		kinds: ["JPEG", "PNG", "GIF", "BMP", "WebP"],
		channels: channelsOf(node),
		dtype: dtypeAttr(node, "dtype"),
		frames: boolAttr(node, "expand_animations") ? "moving" : "first",
	})),
	ExtractJpegShape: (node: Node, [contents]: readonly Tensor[]) => [
		tensorFromNumbers(dtypeAttr(node, "output_type"), [3], jpegShape(contents)),
	],
} satisfies HostTable<typeof pictureOps>;
