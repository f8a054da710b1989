import { fail } from "../../errors.js";
import { boolAttr, floatAttr, intAttr } from "../../graph/attrs.js";
import {
	type audioOps,
	spectrogramFrames,
	spectrogramLength,
} from "../../ops/signal/audio.js";
import { numberTensor } from "../../tensor/numbers.js";
import { elementCount, showShape, type Tensor } from "../../tensor/tensor.js";
import { integers } from "../array/integers.js";
import type { HostFamily, HostKernel } from "../kernel.js";
import { emptyGrid } from "./grid.js";
import { type MelBands, melBands } from "./mel.js";
import { spectraOfLines } from "./real-lines.js";
import { decodeWav, encodeWav } from "./wav.js";

/** Windows of a Hann curve, filled with zeros to a power of two (spectrogram.cc): [channels, windows, frequencies]. */
const audioSpectrogram: HostKernel = (node, [{ shape, data }]) => {
	if (shape.length !== 2)
		throw fail(
			"INVALID",
			`cannot make a spectrogram of shape ${showShape(shape)}: [samples, channels] is wanted`,
		);
	const [samples, channels] = shape;
	const [size, stride] = [
		intAttr(node, "window_size"),
		intAttr(node, "stride"),
	];
	if (size < 2 || stride < 1)
		throw fail(
			"INVALID",
			`cannot make a spectrogram of windows of ${size} samples every ${stride}: at least 2 and 1 are wanted`,
		);
	const frames = spectrogramFrames(samples, size, stride);
	const grid = emptyGrid([channels, frames, spectrogramLength(size)]);
	const [, , length] = grid.shape;
	const values = data as Float32Array;
	const window = Float64Array.from(
		{ length: size },
		(_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size),
	);
	for (let channel = 0; channel < channels; channel++)
		for (let frame = 0; frame < frames; frame++) {
			const to = (channel * frames + frame) * length;
			for (let i = 0; i < size; i++)
				grid.real[to + i] =
					values[(frame * stride + i) * channels + channel] * window[i];
		}
	return [magnitudes(grid, boolAttr(node, "magnitude_squared"))];
};

function magnitudes(
	lines: Parameters<typeof spectraOfLines>[0],
	isSquared: boolean,
): Tensor {
	const { shape, real, imaginary } = spectraOfLines(lines);
	const data = new Float32Array(real.length);
	for (let i = 0; i < data.length; i++) {
		const square = real[i] * real[i] + imaginary[i] * imaginary[i];
		data[i] = isSquared ? square : Math.sqrt(square);
	}
	return { dtype: "float32", shape, data };
}

/** What of a band is as nothing. */
const FLOOR = 1e-12;

/** Mel-frequency cepstral coefficients (mfcc.cc): the logarithms of bands, through a cosine transform. */
const mfcc: HostKernel = (node, [{ shape, data }, rate]) => {
	const size = shape[shape.length - 1];
	const channels = intAttr(node, "filterbank_channel_count");
	const count = intAttr(node, "dct_coefficient_count");
	const bands = melBands(size, integers(rate)[0], channels, [
		floatAttr(node, "lower_frequency_limit"),
		floatAttr(node, "upper_frequency_limit"),
	]);
	const cosines = cosineTable(count, channels);
	const frames = elementCount(shape.slice(0, -1));
	const results = new Float32Array(frames * count);
	const energies = new Float64Array(channels);
	// limits beyond the spectrum are answered with nothing, as upstream does
	if (bands.end >= size)
		return [
			{
				dtype: "float32",
				shape: [...shape.slice(0, -1), count],
				data: results,
			},
		];
	for (let frame = 0; frame < frames; frame++) {
		const from = frame * size;
		fillEnergies(
			energies,
			(data as Float32Array).subarray(from, from + size),
			bands,
		);
		for (let i = 0; i < count; i++) {
			let sum = 0;
			for (let k = 0; k < channels; k++)
				sum += cosines[i * channels + k] * energies[k];
			results[frame * count + i] = sum;
		}
	}
	return [
		{ dtype: "float32", shape: [...shape.slice(0, -1), count], data: results },
	];
};

/** The logarithm of what falls into each band of a spectrum of squares. */
function fillEnergies(
	energies: Float64Array,
	spectrum: Float32Array,
	{ start, end, bands, weights }: MelBands,
): void {
	energies.fill(0);
	for (let i = start; i <= end; i++) {
		const value = Math.sqrt(spectrum[i]);
		const lower = value * weights[i];
		const band = bands[i];
		if (band >= 0) energies[band] += lower;
		if (band + 1 < energies.length) energies[band + 1] += value - lower;
	}
	for (let k = 0; k < energies.length; k++)
		energies[k] = Math.log(Math.max(energies[k], FLOOR));
}

function cosineTable(count: number, size: number): Float64Array {
	const scale = Math.sqrt(2 / size);
	return Float64Array.from({ length: count * size }, (_, at) => {
		const [i, k] = [Math.floor(at / size), at % size];
		return scale * Math.cos(((i * Math.PI) / size) * (k + 0.5));
	});
}

/** Channels that the file lacks are its last; samples that it lacks are silence. */
const decode: HostKernel = (node, [contents]) => {
	const wave = decodeWav((contents.data as readonly Uint8Array[])[0]);
	const wanted = (attr: string, found: number) =>
		intAttr(node, attr) === -1 ? found : intAttr(node, attr);
	const there = wave.samples.length / wave.channels;
	const samples = wanted("desired_samples", there);
	const channels = wanted("desired_channels", wave.channels);
	const data = new Float32Array(samples * channels);
	for (let i = 0; i < Math.min(samples, there); i++)
		for (let channel = 0; channel < channels; channel++) {
			const source = Math.min(channel, wave.channels - 1);
			data[i * channels + channel] =
				wave.samples[i * wave.channels + source] / 2 ** 15;
		}
	return [
		{ dtype: "float32", shape: [samples, channels], data },
		numberTensor("int32", wave.rate),
	];
};

const encode: HostKernel = (_, [{ shape, data }, rateTensor]) => {
	const [rate] = integers(rateTensor);
	const channels = shape[1];
	if (shape.length !== 2 || channels < 1 || channels > 0xffff || rate <= 0)
		throw fail(
			"INVALID",
			`cannot encode sound of shape ${showShape(shape)} at ${rate} hertz: [samples, channels] is wanted`,
		);
	const samples = Int16Array.from(data as Float32Array, (value) => {
		const scaled = value * 2 ** 15;
		// halves away from zero
		const whole = Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5);
		return Math.min(Math.max(whole, -(2 ** 15)), 2 ** 15 - 1);
	});
	const bytes = encodeWav({ rate, channels, samples });
	return [{ dtype: "string", shape: [], data: [bytes] }];
};

export const audioKernels: HostFamily<typeof audioOps> = {
	AudioSpectrogram: audioSpectrogram,
	Mfcc: mfcc,
	DecodeWav: decode,
	EncodeWav: encode,
};
