import { GREY, PALETTE, type PngFile } from "./chunks.js";
import { fileChannels, type Pass } from "./scanlines.js";

/** Samples of the whole picture as the file has them: grey stretched to 8 bits, indices of a palette as they are. */
export interface Samples {
	readonly channels: number;
	readonly data: Uint8Array | Uint16Array;
}

export function readSamples(file: PngFile, passes: readonly Pass[]): Samples {
	const channels = fileChannels(file);
	const [first] = passes;
	if (!file.isInterlaced)
		return { channels, data: passSamples(file, first, channels) };
	const length = file.width * file.height * channels;
	const data =
		file.depth === 16 ? new Uint16Array(length) : new Uint8Array(length);
	for (const pass of passes)
		spread(passSamples(file, pass, channels), pass, data, file.width, channels);
	return { channels, data };
}

function passSamples(
	file: PngFile,
	pass: Pass,
	channels: number,
): Uint8Array | Uint16Array {
	if (file.depth === 8) return pass.bytes;
	if (file.depth === 16) return words(pass, channels);
	return unpacked(file, pass);
}

/** Big-endian. */
function words({ columns, rows, bytes }: Pass, channels: number): Uint16Array {
	const data = new Uint16Array(columns * rows * channels);
	for (let i = 0; i < data.length; i++)
		data[i] = (bytes[2 * i] << 8) | bytes[2 * i + 1];
	return data;
}

/** Samples of 1, 2 or 4 bits, the highest bits of a byte first; a row begins with a byte of its own. */
function unpacked(
	{ depth, colorType }: PngFile,
	{ columns, rows, stride, bytes }: Pass,
): Uint8Array {
	const data = new Uint8Array(columns * rows);
	const highest = 2 ** depth - 1;
	const factor = colorType === GREY ? 255 / highest : 1;
	const perByte = 8 / depth;
	for (let row = 0; row < rows; row++)
		for (let column = 0; column < columns; column++) {
			const byte = bytes[row * stride + Math.floor(column / perByte)];
			const shift = 8 - depth * ((column % perByte) + 1);
			data[row * columns + column] = ((byte >> shift) & highest) * factor;
		}
	return data;
}

/** Puts the pixels of a pass where they belong. */
function spread(
	samples: Uint8Array | Uint16Array,
	{ columns, rows, x, y, stepX, stepY }: Pass,
	data: Uint8Array | Uint16Array,
	width: number,
	channels: number,
): void {
	for (let row = 0; row < rows; row++)
		for (let column = 0; column < columns; column++) {
			const from = (row * columns + column) * channels;
			const to = ((y + row * stepY) * width + x + column * stepX) * channels;
			for (let channel = 0; channel < channels; channel++)
				data[to + channel] = samples[from + channel];
		}
}

/** Colours of a palette, with opacity where `isClear`; an index beyond it is black, as libpng has it. */
export function paletteColors(
	{ palette, transparency, colorType }: PngFile,
	indices: Uint8Array | Uint16Array,
	withAlpha: boolean,
): Samples {
	const channels = withAlpha ? 4 : 3;
	const data = new Uint8Array(indices.length * channels);
	const opacity = colorType === PALETTE ? transparency : undefined;
	for (let i = 0; i < indices.length; i++) {
		const index = indices[i];
		const at = i * channels;
		data[at] = palette[3 * index];
		data[at + 1] = palette[3 * index + 1];
		data[at + 2] = palette[3 * index + 2];
		if (withAlpha) data[at + 3] = opacity?.[index] ?? 255;
	}
	return { channels, data };
}
