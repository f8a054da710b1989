import sharp from "sharp";
import type { Picture } from "./picture.js";

/** Pixels an inch or a centimeter. */
export interface Density {
	readonly unit: "in" | "cm";
	readonly x: number;
	readonly y: number;
}

/** How a JPEG file is written. */
export interface JpegWriting {
	/** 0 … 100. */
	readonly quality: number;
	readonly isProgressive: boolean;
	/** Smaller by tables of its own. */
	readonly isOptimized: boolean;
	/** Whether four pixels share their colour. */
	readonly sharesColor: boolean;
	readonly density: Density;
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
		.jpeg({
			// libjpeg takes 0 for 1
			quality: Math.max(writing.quality, 1),
			progressive: writing.isProgressive,
			optimiseCoding: writing.isOptimized || writing.isProgressive,
			chromaSubsampling: writing.sharesColor ? "4:2:0" : "4:4:4",
		});
	const bytes = await (writing.xmp === ""
		? picture
		: picture.withXmp(writing.xmp)
	).toBuffer();
	setDensity(bytes, writing.density);
	return new Uint8Array(bytes);
}

/** Where the JFIF segment that every written file begins with tells the density: its unit, then two words. */
const DENSITY_OFFSET = 13;

function setDensity(bytes: Buffer, { unit, x, y }: Density): void {
	bytes[DENSITY_OFFSET] = unit === "in" ? 1 : 2;
	bytes.writeUInt16BE(x & 0xffff, DENSITY_OFFSET + 1);
	bytes.writeUInt16BE(y & 0xffff, DENSITY_OFFSET + 3);
}
