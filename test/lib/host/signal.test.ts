import { expect, test } from "vitest";
import { tensorOf } from "../../../src/lib/host/value.js";
import { type Tensor, tensor } from "../../../src/lib/tensor/tensor.js";
import { given, runKernel } from "../../run-kernel.js";
import { runStep } from "./steps.js";

const first = (op: string, inputs: readonly Tensor[], attrs = {}) =>
	tensorOf(runStep(op, inputs, attrs)[0]);

/** Some numbers without a pattern: an LCG's. */
function noise(count: number): number[] {
	let state = 1;
	return Array.from({ length: count }, () => {
		state = (state * 48271) % 2147483647;
		return state / 2147483647 - 0.5;
	});
}

test.each([1, 2, 3, 7, 12, 16, 45, 128, 441])(
	"the transform of %i numbers is the sum of its definition",
	(size) => {
		const values = noise(2 * size);
		const { data } = first("FFT", [
			tensor("complex128", [size], Float64Array.from(values)),
		]);
		for (const k of [0, 1, Math.floor(size / 2), size - 1]) {
			let [real, imaginary] = [0, 0];
			for (let j = 0; j < size; j++) {
				const angle = (-2 * Math.PI * j * k) / size;
				const [a, b] = [values[2 * j], values[2 * j + 1]];
				real += a * Math.cos(angle) - b * Math.sin(angle);
				imaginary += a * Math.sin(angle) + b * Math.cos(angle);
			}
			const at = 2 * (k % size);
			expect((data as Float64Array)[at]).toBeCloseTo(real, 10);
			expect((data as Float64Array)[at + 1]).toBeCloseTo(imaginary, 10);
		}
	},
);

test.each([
	[3, 8],
	[2, 7],
	[1, 5],
])(
	"%i real lines of %i come back from the halves of their spectra",
	(lines, size) => {
		const x = given(
			"float32",
			Array.from({ length: lines }, () => noise(size)),
		);
		const length = given("int32", [size]);
		const spectrum = first("RFFT", [x, length], { Tcomplex: "complex64" });
		expect(spectrum.shape).toEqual([lines, Math.floor(size / 2) + 1]);
		const back = first("IRFFT", [spectrum, length], { Treal: "float32" });
		for (const [i, value] of (x.data as Float32Array).entries())
			expect((back.data as Float32Array)[i]).toBeCloseTo(value, 6);
	},
);

test("a line that is too short is refused", () => {
	expect(() =>
		first("RFFT", [given("float32", [[1, 2]]), given("int32", [4])], {
			Tcomplex: "complex64",
		}),
	).toThrow(
		"cannot transform a tensor of shape [1,2]: dimension 1 has less than 4",
	);
});

/** A file of two channels: samples 1, 2 and -32768, 32767. */
const file = tensorOf(
	runStep("EncodeWav", [
		given("float32", [
			[1 / 32768, 2 / 32768],
			[-2, 2],
		]),
		given("int32", 8000),
	])[0],
);
const bytes = (file.data as readonly Uint8Array[])[0];
const asFile = (data: Uint8Array) => tensor("string", [], [data]);

test("sound is written as 16-bit samples behind a header of 44 bytes", () => {
	expect(Buffer.from(bytes).toString("hex")).toBe(
		// RIFF, 44 bytes follow, WAVE, fmt: PCM, 2 channels, 8000 Hz, 32000 bytes/s, 4 bytes, 16 bits, data: 8 bytes
		"524946462c00000057415645666d7420100000000100020" +
			"0401f0000007d0000040010006461746108000000010002000080ff7f",
	);
});

test("missing channels are the last one, missing samples silence", async () => {
	const [audio, rate] = await runKernel("DecodeWav", [file], {
		desired_channels: 3,
		desired_samples: 3,
	});
	expect(
		Array.from(tensorOf(audio).data as Float32Array, (x) => x * 32768),
	).toEqual([1, 2, 2, -32768, 32767, 32767, 0, 0, 0]);
	expect(tensorOf(rate).data).toEqual(Int32Array.of(8000));
});

test.each([
	["cut short", bytes.subarray(0, -1), "it ends after 51 bytes, 52 are wanted"],
	["empty", new Uint8Array(0), "it ends after 0 bytes, 4 are wanted"],
	[
		"of another kind",
		Buffer.from("RIFX"),
		'it has "RIFX" where "RIFF" is wanted',
	],
	["of 8 bits", bytes.with(34, 8), "its samples have 8 bits, 16 are wanted"],
	[
		"of floats",
		bytes.with(20, 3),
		"its samples are of format 3, 1 (PCM) is wanted",
	],
	["without samples", bytes.with(36, 0x44), "it has no samples"],
	[
		"of a size beyond memory",
		bytes.with(43, 0xff),
		'chunk "data" has 4278190088 bytes',
	],
])("a file %s is refused", (_, broken, reason) => {
	expect(() => runStep("DecodeWav", [asFile(broken)])).toThrow(
		`cannot decode sound: ${reason}`,
	);
});
