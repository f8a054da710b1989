import type { PngFile } from "./chunks.js";
import type { Samples } from "./samples.js";

type Data = Uint8Array | Uint16Array;

/** Grey to colours, colours to grey, opacity added or taken away. `alpha` is that of a pixel where the file tells none. */
export function withChannels(
	file: PngFile,
	samples: Samples,
	wanted: number,
	alpha: number,
): Data {
	const { channels, data } = samples;
	const hasAlpha = channels % 2 === 0;
	if (channels === wanted) return data;
	const pixels = data.length / channels;
	const result = likeStorage(data, pixels * wanted);
	const colors = hasAlpha ? channels - 1 : channels;
	const clear = hasAlpha ? undefined : clearSamples(file, colors);
	const wantsAlpha = wanted % 2 === 0;
	const wantsGrey = wanted < 3;
	const grey = wantsGrey && colors === 3 ? greyOf(data, file.gamma) : undefined;
	const most = data instanceof Uint16Array ? 65535 : 255;
	for (let i = 0; i < pixels; i++) {
		const [from, to] = [i * channels, i * wanted];
		if (grey !== undefined) result[to] = grey(from);
		else
			for (let channel = 0; channel < (wantsGrey ? 1 : 3); channel++)
				result[to + channel] = data[from + (colors === 3 ? channel : 0)];
		if (!wantsAlpha) continue;
		result[to + wanted - 1] = hasAlpha
			? data[from + channels - 1]
			: clear === undefined
				? alpha
				: isClear(data, from, clear)
					? 0
					: most;
	}
	return result;
}

function likeStorage(data: Data, length: number): Data {
	return data instanceof Uint16Array
		? new Uint16Array(length)
		: new Uint8Array(length);
}

/** The pixel that is clear, in the samples' own scale; in a picture of few bits only the lowest ones count. */
function clearSamples(
	{ transparency, depth }: PngFile,
	colors: number,
): readonly number[] | undefined {
	if (transparency === undefined || transparency.length < 2 * colors)
		return undefined;
	const most = 2 ** depth - 1;
	return Array.from({ length: colors }, (_, i) => {
		const sample = (transparency[2 * i] << 8) | transparency[2 * i + 1];
		return (sample & most) * (depth < 8 ? 255 / most : 1);
	});
}

function isClear(data: Data, at: number, clear: readonly number[]): boolean {
	return clear.every((sample, channel) => data[at + channel] === sample);
}

/** Weights of red, green and blue in 32768ths, as libpng makes them of 0.299 and 0.587 (ITU-R BT.601). */
const RED = 9797;
const GREEN = 19234;
const BLUE = 3737;

/**
 * 8 bits are cut and 16 are rounded, as in libpng (pngrtran.c, png_do_rgb_to_gray). Where the file tells its gamma, libpng
 * weighs the light that samples of 8 bits stand for, itself in 8 bits.
 */
function greyOf(data: Data, gamma: number): (at: number) => number {
	const weighed = (r: number, g: number, b: number, half: number) =>
		// beyond 2^31 for 16 bits
		Math.floor((r * RED + g * GREEN + b * BLUE + half) / 32768);
	const isDeep = data instanceof Uint16Array;
	const hasGamma = !isDeep && gamma > 0 && isSignificant(gamma);
	const toLight = hasGamma ? gammaTable(1e5 / gamma) : undefined;
	const fromLight = hasGamma ? gammaTable(gamma / 1e5) : undefined;
	return (at) => {
		const [r, g, b] = [data[at], data[at + 1], data[at + 2]];
		if (r === g && r === b) return r;
		if (toLight === undefined || fromLight === undefined)
			return weighed(r, g, b, isDeep ? 16384 : 0);
		return fromLight[weighed(toLight[r], toLight[g], toLight[b], 16384)];
	};
}

/** More than 5 % from 1 (png.c, png_gamma_significant). */
function isSignificant(gamma: number): boolean {
	return Math.abs(gamma - 1e5) > 5000;
}

function gammaTable(exponent: number): Uint8Array {
	return Uint8Array.from({ length: 256 }, (_, i) =>
		Math.floor(255 * (i / 255) ** exponent + 0.5),
	);
}
