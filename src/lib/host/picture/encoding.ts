import { fail } from "../../errors.js";
import {
	encodeJpeg,
	type JpegWriting,
} from "../../formats/picture/jpeg-writer.js";
import { encodePng } from "../../formats/picture/png/encode.js";
import { boolAttr, intAttr, stringAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import type { pictureOps } from "../../ops/picture.js";
import { elementCount, type Tensor, tensor } from "../../tensor/tensor.js";
import { type HostKernel, type HostTable, step } from "../kernel.js";
import { tensorOf } from "../value.js";

/** Pictures, [..., height, width, channels]: a file each. */
const pngFiles: HostKernel = (node, [image]) => {
	const [height, width, channels] = image.shape.slice(-3);
	if (image.shape.length < 3 || channels < 1 || channels > 4)
		throw invalid("PNG", image, "1 to 4 channels");
	const level = intAttr(node, "compression");
	if (level < -1 || level > 9)
		throw fail(
			"INVALID",
			`cannot encode PNG with compression ${level}: wanted -1 to 9`,
		);
	const shape = image.shape.slice(0, -3);
	const size = height * width * channels;
	if (size === 0) throw invalid("PNG", image, "a pixel or more");
	const files = Array.from({ length: elementCount(shape) }, (_, i) => {
		const samples = image.data as Uint8Array | Uint16Array;
		const data = samples.subarray(i * size, (i + 1) * size);
		return encodePng({ width, height, channels, data }, level);
	});
	return [tensor("string", shape, files)];
};

async function jpegFile(image: Tensor, writing: JpegWriting): Promise<Tensor> {
	const { shape, data } = image;
	const [height, width, channels] = shape;
	if (shape.length !== 3 || (channels !== 1 && channels !== 3))
		throw invalid("JPEG", image, "[height,width,1] or [height,width,3]");
	const most = Math.max(height, width);
	if (height * width === 0 || most > MAX_SIDE)
		throw invalid("JPEG", image, `sides of 1 to ${MAX_SIDE} pixels`);
	if (writing.quality < 0 || writing.quality > 100)
		throw fail(
			"INVALID",
			`cannot encode JPEG with quality ${writing.quality}: wanted 0 to 100`,
		);
	const picture = { width, height, channels, data: data as Uint8Array };
	return tensor("string", [], [await encodeJpeg(picture, writing)]);
}

/** What libjpeg writes at most. */
const MAX_SIDE = 65_500;

function writingOf(node: Node): JpegWriting {
	return {
		quality: intAttr(node, "quality"),
		isProgressive: boolAttr(node, "progressive"),
		isOptimized: boolAttr(node, "optimize_size"),
		sharesColor: boolAttr(node, "chroma_downsampling"),
		density: {
			unit: stringAttr(node, "density_unit") === "cm" ? "cm" : "in",
			x: intAttr(node, "x_density"),
			y: intAttr(node, "y_density"),
		},
		xmp: stringAttr(node, "xmp_metadata"),
	};
}

function checkFormat(format: string, image: Tensor): void {
	const wanted = { grayscale: 1, rgb: 3 }[format];
	if (wanted !== undefined && image.shape[2] !== wanted)
		throw invalid(`JPEG of format ${format}`, image, `${wanted} channels`);
}

/** Quality 95 and shared colour are those of `EncodeJpeg`. */
const PLAIN: Omit<JpegWriting, "quality"> = {
	isProgressive: false,
	isOptimized: false,
	sharesColor: true,
	density: { unit: "in", x: 300, y: 300 },
	xmp: "",
};

export const encodingKernels = {
	EncodePng: pngFiles,
	EncodeJpeg: step(async (node, [value]) => {
		const image = tensorOf(value);
		checkFormat(stringAttr(node, "format"), image);
		return [await jpegFile(image, writingOf(node))];
	}),
	EncodeJpegVariableQuality: step(async (_, values) => {
		const [image, quality] = values.map(tensorOf);
		const writing = { ...PLAIN, quality: Number(quality.data[0]) };
		return [await jpegFile(image, writing)];
	}),
} satisfies HostTable<typeof pictureOps>;

function invalid(kind: string, { shape }: Tensor, wanted: string) {
	return fail(
		"INVALID",
		`cannot encode ${kind} of a tensor of shape [${shape}]: wanted ${wanted}`,
	);
}
