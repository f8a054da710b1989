/** Bands of frequencies as the ear tells them apart (mfcc_mel_filterbank.cc). */
export interface MelBands {
	/** The first and last frequency that count. */
	readonly start: number;
	readonly end: number;
	/** Of each frequency the band below it, -1 below the first, and how much of it goes there. */
	readonly bands: Int32Array;
	readonly weights: Float64Array;
}

/** For `size` frequencies from 0 to half the sampling rate; limits in hertz. */
export function melBands(
	size: number,
	rate: number,
	channels: number,
	[low, high]: readonly [number, number],
): MelBands {
	const lowest = mel(low);
	const spacing = (mel(high) - lowest) / (channels + 1);
	const center = (channel: number) => lowest + spacing * (channel + 1);
	const step = (0.5 * rate) / (size - 1);
	const start = Math.trunc(1.5 + low / step);
	const end = Math.trunc(high / step);
	const bands = new Int32Array(size);
	const weights = new Float64Array(size);
	let channel = 0;
	for (let i = start; i <= Math.min(end, size - 1); i++) {
		const value = mel(i * step);
		while (channel < channels && center(channel) < value) channel++;
		bands[i] = channel - 1;
		weights[i] = (center(channel) - value) / spacing;
	}
	return { start, end, bands, weights };
}

function mel(hertz: number): number {
	return 1127 * Math.log1p(hertz / 700);
}
