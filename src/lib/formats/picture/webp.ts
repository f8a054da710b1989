import sharp from "sharp";
import { fail } from "../../errors.js";
import type { Frames } from "./gif.js";
import { checkSize } from "./picture.js";

/** Decodes a WebP file: all frames of one that moves, with opacity where it has some. Fails with CORRUPT. */
export async function decodeWebp(
	bytes: Uint8Array,
): Promise<Frames & { readonly channels: number }> {
	const file = sharp(bytes, {
		pages: -1,
		ignoreIcc: true,
		limitInputPixels: false,
	});
	try {
		const { width = 0, pages = 1, hasAlpha, ...sizes } = await file.metadata();
		const height = sizes.pageHeight ?? sizes.height ?? 0;
		checkSize("WebP", width * pages, height);
		const moves = pages > 1;
		const channels = hasAlpha || moves ? 4 : 3;
		const data = await (channels === 4 ? file.ensureAlpha() : file)
			.raw()
			.toBuffer();
		return {
			width,
			height,
			frames: pages,
			channels,
			data: new Uint8Array(data),
		};
	} catch (cause) {
		throw fail(
			"CORRUPT",
			`cannot read the WebP: ${cause instanceof Error ? cause.message : String(cause)}`,
			{ cause },
		);
	}
}
