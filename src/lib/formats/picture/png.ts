import type { Channels, Picture } from "./picture.js";
import { withChannels } from "./png/channels.js";
import { PALETTE, type PngFile, readPngChunks } from "./png/chunks.js";
import { paletteColors, readSamples, type Samples } from "./png/samples.js";
import { readPasses } from "./png/scanlines.js";

/**
 * Decodes a PNG file as TensorFlow does with libpng (core/lib/png/png_io.cc): 16 bits are cut to 8 or 8 stretched to 16.
 * Fails with CORRUPT.
 */
export function decodePng(
	bytes: Uint8Array,
	channels: Channels,
	bits: 8 | 16,
): Picture {
	const file = readPngChunks(bytes);
	const { width, height } = file;
	const samples = colored(file, readSamples(file, readPasses(file)), channels);
	const wanted = channels === 0 ? samples.channels : channels;
	// libpng is told the highest sample of the file, even where samples are stretched
	const data = withChannels(file, samples, wanted, 2 ** file.depth - 1);
	return { width, height, channels: wanted, data: ofBits(data, bits) };
}

function colored(file: PngFile, samples: Samples, channels: Channels): Samples {
	if (file.colorType !== PALETTE) return samples;
	const hasAlpha =
		file.transparency !== undefined && (channels === 0 || channels === 4);
	return paletteColors(file, samples.data, hasAlpha);
}

function ofBits(
	data: Uint8Array | Uint16Array,
	bits: 8 | 16,
): Uint8Array | Uint16Array {
	if ((data instanceof Uint16Array ? 16 : 8) === bits) return data;
	const result =
		bits === 16 ? new Uint16Array(data.length) : new Uint8Array(data.length);
	if (bits === 16)
		for (let i = 0; i < data.length; i++) result[i] = data[i] * 257;
	else for (let i = 0; i < data.length; i++) result[i] = data[i] >> 8;
	return result;
}
