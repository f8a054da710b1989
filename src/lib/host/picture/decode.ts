import { fail, MlshipError } from "../../errors.js";
import { decodeBmp } from "../../formats/picture/bmp.js";
import { decodeGif } from "../../formats/picture/gif.js";
import {
	decodeJpeg,
	type JpegOptions,
	readJpegSize,
} from "../../formats/picture/jpeg.js";
import { type PictureKind, pictureKind } from "../../formats/picture/kind.js";
import type { Channels, Picture } from "../../formats/picture/picture.js";
import { decodePng } from "../../formats/picture/png.js";
import { decodeWebp } from "../../formats/picture/webp.js";
import type { DType } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";

/** What a decoding op wants of a file. */
export interface DecodeOptions {
	/** The kinds of files that it takes (kernels/image/decode_image_op.cc). */
	readonly kinds: readonly PictureKind[];
	readonly channels: Channels;
	readonly dtype: DType;
	/** All frames of pictures that move, with a dimension for them; "always" also for pictures that do not. */
	readonly frames: "always" | "moving" | "one" | "first";
	readonly jpeg: JpegOptions;
}

/** Samples 0 … 255 or 0 … 65535, [height, width, channels] or [frames, height, width, channels]. */
interface Decoded {
	readonly shape: readonly number[];
	readonly data: Uint8Array | Uint16Array;
}

/** Decodes the file in a scalar of bytes. Fails with INVALID, saying what the bytes are. */
export function decodedPicture(
	contents: Tensor,
	options: DecodeOptions,
): Tensor | Promise<Tensor> {
	const { bytes, kind } = fileOf(contents, options.kinds);
	try {
		const decoded = DECODERS[kind](bytes, options);
		return decoded instanceof Promise
			? decoded.then((picture) => typed(picture, options), refuse)
			: typed(decoded, options);
	} catch (error) {
		return refuse(error);
	}
}

/** Height, width and components of the JPEG file in a scalar of bytes. Fails with INVALID. */
export function jpegShape(contents: Tensor): readonly number[] {
	const { bytes } = fileOf(contents, ["JPEG"]);
	try {
		const { width, height, channels } = readJpegSize(bytes);
		return [height, width, channels];
	} catch (error) {
		return refuse(error);
	}
}

/** What is broken is the caller's: the bytes came with the request. */
function refuse(error: unknown): never {
	if (error instanceof MlshipError && error.code === "CORRUPT")
		throw fail(
			"INVALID",
			error.message.replace("cannot read", "cannot decode"),
			{
				cause: error,
			},
		);
	throw error;
}

interface PictureFile {
	readonly bytes: Uint8Array;
	readonly kind: PictureKind;
}

function fileOf(contents: Tensor, kinds: readonly PictureKind[]): PictureFile {
	const [bytes] = contents.data as readonly Uint8Array[];
	const wanted = kinds.join(", ");
	if (contents.shape.length > 0)
		throw invalid(`wanted one file, got a tensor of shape [${contents.shape}]`);
	const kind = pictureKind(bytes);
	if (kind !== undefined && kinds.includes(kind)) return { bytes, kind };
	if (bytes.length === 0) throw invalid(`it is empty, wanted ${wanted}`);
	const found =
		kind === undefined
			? `its ${bytes.length} bytes begin with ${hexadecimal(bytes.subarray(0, 8))}`
			: `it is a ${kind}`;
	throw invalid(`${found}, wanted ${wanted}`);
}

function hexadecimal(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(
		" ",
	);
}

type Decoder = (
	bytes: Uint8Array,
	options: DecodeOptions,
) => Decoded | Promise<Decoded>;

const DECODERS: Readonly<Record<PictureKind, Decoder>> = {
	PNG: (bytes, { channels, dtype, frames }) =>
		still(decodePng(bytes, channels, dtype === "uint8" ? 8 : 16), frames),
	JPEG: (bytes, { channels, jpeg, frames }) => {
		if (channels === 4) throw notOf("JPEG", channels, "0, 1 or 3");
		return still(decodeJpeg(bytes, channels, jpeg), frames);
	},
	BMP: (bytes, { channels, frames }) => {
		if (channels === 1) throw notOf("BMP", channels, "0, 3 or 4");
		return still(decodeBmp(bytes, channels), frames);
	},
	GIF: (bytes, { channels, frames }) => {
		if (channels === 1 || channels === 4)
			throw notOf("GIF", channels, "0 or 3");
		const gif = decodeGif(bytes, frames === "first" ? 1 : Infinity);
		const { width, height, data } = gif;
		if (frames === "one" && gif.frames > 1)
			throw invalid(
				`it is a GIF of ${gif.frames} frames, which DecodeGif and DecodeImage decode`,
			);
		const hasFrames = frames === "always" || frames === "moving";
		const shape = [height, width, 3];
		return { shape: hasFrames ? [gif.frames, ...shape] : shape, data };
	},
	WebP: async (bytes, { channels, dtype, frames }) => {
		if (dtype !== "uint8") throw invalid(`it is a WebP, which has no ${dtype}`);
		const webp = await decodeWebp(bytes);
		if (channels !== 0 && channels !== webp.channels)
			throw notOf("WebP", channels, `0 or ${webp.channels}`);
		const shape = [webp.height, webp.width, webp.channels];
		if (frames !== "first")
			return { shape: [webp.frames, ...shape], data: webp.data };
		const size = webp.height * webp.width * webp.channels;
		return { shape, data: webp.data.subarray(0, size) };
	},
};

function still(
	{ width, height, channels, data }: Picture,
	frames: DecodeOptions["frames"],
): Decoded {
	const shape = [height, width, channels];
	return { shape: frames === "always" ? [1, ...shape] : shape, data };
}

/** 8 bits become 16 by a factor of 256, not 257, as in upstream; floats are 0 … 1. PNG alone is decoded in 16 bits. */
function typed({ shape, data }: Decoded, { dtype }: DecodeOptions): Tensor {
	if (dtype === "uint8") return { dtype, shape, data };
	if (dtype === "uint16" && data instanceof Uint16Array)
		return { dtype, shape, data };
	const isFloat = dtype === "float32";
	const most = data instanceof Uint16Array ? 65535 : 255;
	const factor = isFloat ? Math.fround(1 / most) : 256;
	const result = isFloat
		? new Float32Array(data.length)
		: new Uint16Array(data.length);
	for (let i = 0; i < data.length; i++) result[i] = data[i] * factor;
	return { dtype, shape, data: result };
}

function notOf(kind: PictureKind, channels: number, wanted: string) {
	return invalid(
		`it is a ${kind} and ${channels} channels are asked for, wanted ${wanted}`,
	);
}

function invalid(found: string) {
	return fail("INVALID", `cannot decode the picture: ${found}`);
}
