import { fail } from "../../errors.js";

/** Sound as it lies in a file: samples of all channels one after another. */
export interface Wave {
	readonly rate: number;
	readonly channels: number;
	readonly samples: Int16Array;
}

const PCM = 1;
const BITS = 16;
const HEADER_BYTES = 44;
/** Chunks that may stand before the format (wav_io.cc). */
const SKIPPED = new Set([
	"JUNK",
	"bext",
	"iXML",
	"qlty",
	"mext",
	"levl",
	"link",
	"axml",
]);

/** Reads a RIFF file of 16-bit samples. Fails with INVALID where TensorFlow's wav_io.cc would. */
export function decodeWav(bytes: Uint8Array): Wave {
	const reader = new WavReader(bytes);
	reader.expect("RIFF");
	reader.skip(4);
	reader.expect("WAVE");
	for (let name = reader.text(); name !== "fmt "; name = reader.text()) {
		if (!SKIPPED.has(name))
			throw broken(`a chunk "${name}" stands before the format`);
		reader.skip(reader.uint32());
	}
	const { rate, channels } = readFormat(reader);
	return { rate, channels, samples: readSamples(reader, channels) };
}

/** Writes a RIFF file of 16-bit samples. */
export function encodeWav({ rate, channels, samples }: Wave): Uint8Array {
	const bytes = new Uint8Array(HEADER_BYTES + 2 * samples.length);
	const view = new DataView(bytes.buffer);
	const text = new TextEncoder();
	for (const [at, name] of [
		[0, "RIFF"],
		[8, "WAVE"],
		[12, "fmt "],
		[36, "data"],
	] as const)
		bytes.set(text.encode(name), at);
	view.setUint32(4, bytes.length - 8, true);
	view.setUint32(16, 16, true);
	view.setUint16(20, PCM, true);
	view.setUint16(22, channels, true);
	view.setUint32(24, rate, true);
	view.setUint32(28, 2 * channels * rate, true);
	view.setUint16(32, 2 * channels, true);
	view.setUint16(34, BITS, true);
	view.setUint32(40, 2 * samples.length, true);
	for (let i = 0; i < samples.length; i++)
		view.setInt16(HEADER_BYTES + 2 * i, samples[i], true);
	return bytes;
}

function readFormat(reader: WavReader): Pick<Wave, "rate" | "channels"> {
	const size = reader.uint32();
	if (size !== 16 && size !== 18)
		throw broken(`its format has ${size} bytes, 16 or 18 are wanted`);
	const format = reader.uint16();
	if (format !== PCM)
		throw broken(`its samples are of format ${format}, 1 (PCM) is wanted`);
	const channels = reader.uint16();
	if (channels < 1) throw broken("it has no channel");
	const rate = reader.uint32();
	const perSecond = reader.uint32();
	const perSample = reader.uint16();
	const bits = reader.uint16();
	if (bits !== BITS)
		throw broken(`its samples have ${bits} bits, 16 are wanted`);
	if (perSample !== 2 * channels || perSecond !== (perSample * rate) >>> 0)
		throw broken(
			`${perSample} bytes a sample and ${perSecond} a second do not go with ${channels} channels at ${rate} hertz`,
		);
	reader.skip(size - 16);
	return { rate, channels };
}

function readSamples(reader: WavReader, channels: number): Int16Array {
	let samples: Int16Array | undefined;
	while (!reader.isAtEnd) {
		const name = reader.text();
		const size = reader.uint32();
		if (size >= 2 ** 31) throw broken(`chunk "${name}" has ${size} bytes`);
		if (name !== "data") {
			reader.leap(size);
			continue;
		}
		if (samples !== undefined) throw broken("it has two chunks of samples");
		samples = reader.int16s(Math.floor(size / (2 * channels)) * channels);
	}
	if (samples === undefined) throw broken("it has no samples");
	return samples;
}

function broken(reason: string) {
	return fail("INVALID", `cannot decode sound: ${reason}`);
}

/** Little-endian values from a place that moves on. */
class WavReader {
	readonly #view: DataView;
	#at = 0;

	constructor({ buffer, byteOffset, byteLength }: Uint8Array) {
		this.#view = new DataView(buffer, byteOffset, byteLength);
	}

	get isAtEnd(): boolean {
		return this.#at >= this.#view.byteLength;
	}

	/** Goes on, beyond the end if need be. */
	leap(bytes: number): void {
		this.#at += bytes;
	}

	skip(bytes: number): number {
		const at = this.#at;
		if (at + bytes > this.#view.byteLength)
			throw broken(
				`it ends after ${this.#view.byteLength} bytes, ${at + bytes} are wanted`,
			);
		this.#at += bytes;
		return at;
	}

	text(): string {
		const at = this.skip(4);
		return String.fromCharCode(
			...Array.from({ length: 4 }, (_, i) => this.#view.getUint8(at + i)),
		);
	}

	expect(wanted: string): void {
		const found = this.text();
		if (found !== wanted)
			throw broken(`it has "${found}" where "${wanted}" is wanted`);
	}

	uint16(): number {
		return this.#view.getUint16(this.skip(2), true);
	}

	uint32(): number {
		return this.#view.getUint32(this.skip(4), true);
	}

	int16s(count: number): Int16Array {
		const at = this.skip(2 * count);
		const values = new Int16Array(count);
		for (let i = 0; i < count; i++)
			values[i] = this.#view.getInt16(at + 2 * i, true);
		return values;
	}
}
