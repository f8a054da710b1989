import sharp from "sharp";
import { fail } from "../errors.js";
import { DTYPES, type DType, type TypedArray } from "./dtype.js";
import { toBfloat16, toFloat16 } from "./half.js";
import { allocate, type Shape, showShape, type Tensor } from "./tensor.js";

/** Where a picture goes in a tensor; -1 is a size that the tensor leaves open. */
export interface PictureLayout {
	readonly hasBatch: boolean;
	/** Where the channels are; "flat": all of a picture lies on one axis, pixel after pixel. */
	readonly channelAxis: "last" | "first" | "none" | "flat";
	readonly height: number;
	readonly width: number;
	readonly channels: number;
}

/** Pixels 0 … 255 become `from` … `to`. */
export interface PixelScale {
	readonly from: number;
	readonly to: number;
}

/** No picture that a model takes is larger; a small file may claim to be. */
const MAX_PIXELS = 100_000_000;

const isChannelCount = (size: number) => size === 1 || size === 3 || size === 4;

/**
 * How pictures fill an input: [N,H,W,C], [N,C,H,W], [N,H,W] of grey ones, or the same without N; or [N,H·W·C]. Fails with INVALID for
 * other shapes.
 */
export function pictureLayout(shape: Shape): PictureLayout {
	if (shape === undefined)
		return {
			hasBatch: true,
			channelAxis: "last",
			height: -1,
			width: -1,
			channels: 3,
		};
	const [first, second, third, fourth] = shape;
	if (shape.length === 4 && isChannelCount(second) && !isChannelCount(fourth))
		return {
			hasBatch: true,
			channelAxis: "first",
			channels: second,
			height: third,
			width: fourth,
		};
	if (shape.length === 4)
		return {
			hasBatch: true,
			channelAxis: "last",
			height: second,
			width: third,
			channels: fourth,
		};
	// height and width are known or open together; [?,3,3] is a batch of grey pictures
	if (shape.length === 3 && isChannelCount(third) && first < 0 === second < 0)
		return {
			hasBatch: false,
			channelAxis: "last",
			height: first,
			width: second,
			channels: third,
		};
	if (shape.length === 3 && isChannelCount(first))
		return {
			hasBatch: false,
			channelAxis: "first",
			channels: first,
			height: second,
			width: third,
		};
	if (shape.length === 3)
		return {
			hasBatch: true,
			channelAxis: "none",
			height: second,
			width: third,
			channels: 1,
		};
	if (shape.length === 2 && first < 0 && second >= 0)
		return flatLayout(shape, second);
	if (shape.length === 2)
		return {
			hasBatch: false,
			channelAxis: "none",
			height: first,
			width: second,
			channels: 1,
		};
	throw noPicture(shape);
}

/** Square pictures with all pixels in a row: [N,784] of grey ones, [N,3072] of coloured ones. */
function flatLayout(shape: Shape, size: number): PictureLayout {
	for (const channels of [1, 3]) {
		const side = Math.sqrt(size / channels);
		if (Number.isInteger(side) && side >= LEAST_SIDE)
			return {
				hasBatch: true,
				channelAxis: "flat",
				height: side,
				width: side,
				channels,
			};
	}
	throw noPicture(shape);
}

/** Fewer numbers in a row are rather something else than a picture. */
const LEAST_SIDE = 4;

function noPicture(shape: Shape) {
	return fail(
		"INVALID",
		`cannot put a picture into an input of shape ${showShape(shape)}: wanted [N,H,W,C], [N,C,H,W], [N,H,W] or square ones in a row, as [N,784]`,
	);
}

/** Floats are scaled to 0 … 1, integers left 0 … 255. */
export function defaultScale(dtype: DType): PixelScale {
	const { kind } = DTYPES[dtype];
	return kind === "float" || kind === "half"
		? { from: 0, to: 1 }
		: { from: 0, to: 255 };
}

/**
 * Decodes a PNG or JPEG (or WebP, GIF, AVIF, TIFF) into one element of the input, without the batch: grey, RGB or RGBA
 * as the channels want it, stretched to the input's size where that is fixed. Fails with INVALID for undecodable bytes.
 */
export async function readPicture(
	bytes: Uint8Array,
	layout: PictureLayout,
	dtype: DType,
	scale: PixelScale,
): Promise<Tensor> {
	const { data, info } = await decoded(bytes, layout);
	const { width, height, channels } = info;
	const values = new Float32Array(data.length);
	const factor = (scale.to - scale.from) / 255;
	for (let i = 0; i < data.length; i++)
		values[target(i, layout, width * height, channels)] =
			data[i] * factor + scale.from;
	const shape = {
		last: [height, width, channels],
		first: [channels, height, width],
		none: [height, width],
		flat: [height * width * channels],
	}[layout.channelAxis];
	return { dtype, shape, data: stored(values, dtype) };
}

async function decoded(
	bytes: Uint8Array,
	{ height, width, channels }: PictureLayout,
) {
	const wanted = channels < 0 ? 3 : channels;
	const picture = sharp(bytes, { limitInputPixels: MAX_PIXELS }).rotate();
	const coloured = {
		1: () => picture.flatten().toColourspace("srgb"),
		3: () => picture.flatten().toColourspace("srgb"),
		4: () => picture.toColourspace("srgb").ensureAlpha(),
	}[wanted];
	if (coloured === undefined)
		throw fail(
			"INVALID",
			`cannot make a picture of ${wanted} channels: wanted 1, 3 or 4`,
		);
	const sized =
		height < 0 || width < 0
			? coloured()
			: coloured().resize(width, height, { fit: "fill" });
	try {
		const { data, info } = await sized
			.raw()
			.toBuffer({ resolveWithObject: true });
		return info.channels === wanted
			? { data, info }
			: {
					data: picked(data, info.channels, wanted),
					info: { ...info, channels: wanted },
				};
	} catch (cause) {
		throw fail(
			"INVALID",
			`cannot decode the picture: ${cause instanceof Error ? cause.message : String(cause)}`,
			{ cause },
		);
	}
}

/** The decoder may give more channels than were asked for (grey as RGB): the first ones are the wanted ones. */
function picked(data: Uint8Array, given: number, wanted: number): Uint8Array {
	if (wanted === 1 && given >= 3) return lightness(data, given);
	const result = new Uint8Array((data.length / given) * wanted);
	for (let i = 0; i < result.length; i++)
		result[i] =
			data[Math.floor(i / wanted) * given + Math.min(i % wanted, given - 1)];
	return result;
}

/** Grey of a colour as JPEG, TensorFlow's decoders and PIL weigh it (ITU-R BT.601). */
function lightness(data: Uint8Array, channels: number): Uint8Array {
	const result = new Uint8Array(data.length / channels);
	for (let i = 0; i < result.length; i++) {
		const at = i * channels;
		result[i] = Math.round(
			0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2],
		);
	}
	return result;
}

/** Decoders give pixel after pixel; channels first wants plane after plane. */
function target(
	index: number,
	{ channelAxis }: PictureLayout,
	pixels: number,
	channels: number,
): number {
	return channelAxis === "first"
		? (index % channels) * pixels + Math.floor(index / channels)
		: index;
}

function stored(values: Float32Array, dtype: DType): TypedArray {
	const { kind } = DTYPES[dtype];
	if (dtype === "float16") return toFloat16(values);
	if (dtype === "bfloat16") return toBfloat16(values);
	if (
		kind === "string" ||
		kind === "handle" ||
		kind === "complex" ||
		kind === "bool"
	)
		throw fail(
			"INVALID",
			`cannot put a picture into an input of type ${dtype}: wanted numbers`,
		);
	const data = allocate(dtype, values.length) as TypedArray;
	for (let i = 0; i < values.length; i++) {
		const value = kind === "float" ? values[i] : Math.round(values[i]);
		data[i] = kind === "bigint" ? BigInt(value) : value;
	}
	return data;
}
