import sharp from "sharp";
import type { Picture } from "./picture.js";

/** How a JPEG file is written. */
export interface JpegWriting {
	/** 0 … 100. */
	readonly quality: number;
	readonly isProgressive: boolean;
	/** Smaller by tables of its own. */
	readonly isOptimized: boolean;
	/** Whether four pixels share their colour. */
	readonly sharesColor: boolean;
	/** Pixels an inch. */
	readonly density: number;
	/** Empty for none. */
	readonly xmp: string;
}

/** Writes a grey or RGB picture of 8 bits with libjpeg. */
export async function encodeJpeg(
	{ width, height, channels, data }: Picture,
	writing: JpegWriting,
): Promise<Uint8Array> {
	const raw = { width, height, channels: channels as 1 | 3 };
	const picture = sharp(data, { raw, limitInputPixels: false })
		.toColourspace(channels === 1 ? "b-w" : "srgb")
		.withMetadata({ density: writing.density })
		.jpeg({
			// libjpeg takes 0 for 1
			quality: Math.max(writing.quality, 1),
			progressive: writing.isProgressive,
			optimiseCoding: writing.isOptimized || writing.isProgressive,
			chromaSubsampling: writing.sharesColor ? "4:2:0" : "4:4:4",
		});
	return writing.xmp === ""
		? picture.toBuffer()
		: picture.withXmp(writing.xmp).toBuffer();
}
