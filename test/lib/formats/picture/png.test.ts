import { crc32, deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { encodePng } from "../../../../src/lib/formats/picture/png/encode.js";
import { decodePng } from "../../../../src/lib/formats/picture/png.js";

const GREY = 0;
const COLOR = 2;
const PALETTE = 3;

function chunk(name: string, data: ArrayLike<number>): Buffer {
	const body = Buffer.concat([Buffer.from(name), Uint8Array.from(data)]);
	const frame = Buffer.alloc(8);
	frame.writeUInt32BE(data.length);
	frame.writeUInt32BE(crc32(body), 4);
	return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A file of `rows`, each behind the byte of its filter. */
function png(
	[width, height]: readonly [number, number],
	[depth, colorType, interlace = 0]: readonly number[],
	rows: readonly number[],
	...extra: readonly Buffer[]
): Uint8Array {
	const size = [0, 0, 0, width, 0, 0, 0, height];
	return Buffer.concat([
		Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
		chunk("IHDR", [...size, depth, colorType, 0, 0, interlace]),
		...extra,
		chunk("IDAT", deflateSync(Uint8Array.from(rows))),
		chunk("IEND", []),
	]);
}

function samples(bytes: Uint8Array, channels: 0 | 1 | 3 | 4, bits: 8 | 16 = 8) {
	return Array.from(decodePng(bytes, channels, bits).data);
}

test.each([
	[1, 0b10100000, [255, 0, 255]],
	[2, 0b00011011, [0, 85, 170]],
] as const)("grey of %i bits is stretched to 8", (depth, byte, wanted) => {
	expect(samples(png([3, 1], [depth, GREY], [0, byte]), 0)).toEqual(wanted);
});

test("grey of 16 bits is cut to 8, and of 8 doubled to 16", () => {
	const deep = png([2, 1], [16, GREY], [0, 0x12, 0xff, 0xfe, 0x01]);
	expect(samples(deep, 0)).toEqual([0x12, 0xfe]);
	expect(samples(deep, 0, 16)).toEqual([0x12ff, 0xfe01]);
	const shallow = png([1, 1], [8, GREY], [0, 0x12]);
	expect(samples(shallow, 0, 16)).toEqual([0x1212]);
});

test("filters are undone", () => {
	// none, sub, up, average, Paeth: worked out by the formulas of the standard
	const rows = [
		[0, 10, 20, 30],
		[1, 1, 1, 1],
		[2, 1, 1, 1],
		[3, 1, 1, 1],
		[4, 1, 1, 1],
	];
	expect(samples(png([3, 5], [8, GREY], rows.flat()), 0)).toEqual([
		10, 20, 30, 1, 2, 3, 2, 3, 4, 2, 3, 4, 3, 4, 5,
	]);
});

test("an interlaced picture is put together", () => {
	// of 3×3 pixels, passes 1, 4, 5, 6 and 7 have some
	const rows = [0, 1, 0, 3, 0, 7, 9, 0, 2, 0, 8, 0, 4, 5, 6];
	const bytes = png([3, 3], [8, GREY, 1], rows);
	expect(samples(bytes, 0)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

describe("a palette", () => {
	const palette = chunk("PLTE", [10, 20, 30, 40, 50, 60]);
	const opacity = chunk("tRNS", [128]);
	const clear = png([3, 1], [4, PALETTE], [0, 0x01, 0x50], palette, opacity);

	test("gives colours, with opacity where the file has it", () => {
		const opaque = png([3, 1], [4, PALETTE], [0, 0x01, 0x50], palette);
		const colors = [10, 20, 30, 40, 50, 60, 0, 0, 0];
		expect(samples(opaque, 0)).toEqual(colors);
		expect(samples(clear, 3)).toEqual(colors);
		expect(samples(clear, 0)).toEqual([
			10, 20, 30, 128, 40, 50, 60, 255, 0, 0, 0, 255,
		]);
	});

	test("gives grey by what the eye sees", () => {
		// (9797·10 + 19234·20 + 3737·30) / 32768 = 18.15, … = 48.15
		expect(samples(clear, 1)).toEqual([18, 48, 0]);
	});

	test("is wanted by its pictures", () => {
		const without = png([3, 1], [4, PALETTE], [0, 0x01, 0x50]);
		expect(() => samples(without, 0)).toThrow(/it has no palette/);
	});
});

test("one colour may be clear", () => {
	const clear = chunk("tRNS", [0, 1, 0, 2, 0, 3]);
	const bytes = png([2, 1], [8, COLOR], [0, 1, 2, 3, 4, 5, 6], clear);
	expect(samples(bytes, 4)).toEqual([1, 2, 3, 0, 4, 5, 6, 255]);
	expect(samples(bytes, 0)).toEqual([1, 2, 3, 4, 5, 6]);
});

test("light is weighed where the file tells its gamma", () => {
	// 255 and 0 stand for all light and none; answers are those of TensorFlow 2.21
	const gamma = chunk("gAMA", [0, 0, 0xb1, 0x8f]);
	const pixels = [0, 255, 0, 0, 0, 255, 0];
	expect(samples(png([2, 1], [8, COLOR], pixels, gamma), 1)).toEqual([
		147, 200,
	]);
	expect(samples(png([2, 1], [8, COLOR], pixels), 1)).toEqual([76, 149]);
});

describe("a damaged file", () => {
	const bytes = png([3, 2], [8, GREY], [0, 1, 2, 3, 0, 4, 5, 6]);

	test.each([20, 40, 50, bytes.length - 1])(
		"that ends after %i bytes is refused",
		(length) => {
			expect(() => samples(bytes.subarray(0, length), 0)).toThrow(
				/cannot read the PNG: it ends in a chunk/,
			);
		},
	);

	test("is refused by its checksums", () => {
		const damaged = bytes.slice();
		damaged[45] ^= 1;
		expect(() => samples(damaged, 0)).toThrow(/chunk IDAT is damaged/);
	});

	test("with too few rows is refused", () => {
		const short = png([3, 3], [8, GREY], [0, 1, 2, 3, 0, 4, 5, 6]);
		expect(() => samples(short, 0)).toThrow(/take 12 bytes, 8 are there/);
	});

	test("that claims to be large reserves no memory", () => {
		const liar = png([3, 2], [8, GREY], [0]);
		liar.set([0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20], 16);
		new DataView(liar.buffer, liar.byteOffset).setUint32(
			29,
			crc32(liar.subarray(12, 29)),
		);
		expect(() => samples(liar, 0)).toThrow(/take 400020000 bytes/);
	});

	test("that claims more than any memory is refused at once", () => {
		const liar = png([3, 2], [8, GREY], [0]);
		liar.set([0, 0x0f, 0, 0, 0, 0x0f, 0, 0], 16);
		new DataView(liar.buffer, liar.byteOffset).setUint32(
			29,
			crc32(liar.subarray(12, 29)),
		);
		expect(() => samples(liar, 0)).toThrow(/less than 2\^29 are wanted/);
	});
});

test.each([1, 2, 3, 4] as const)(
	"what is written with %i channels is read again",
	(channels) => {
		const length = 5 * 4 * channels;
		const values = Array.from({ length }, (_, i) => (i * i * 37) % 65536);
		const deep = Uint16Array.from(values);
		const shallow = Uint8Array.from(values);
		for (const [data, bits] of [
			[shallow, 8],
			[deep, 16],
		] as const) {
			const bytes = encodePng({ width: 5, height: 4, channels, data }, -1);
			expect(decodePng(bytes, 0, bits)).toEqual({
				width: 5,
				height: 4,
				channels,
				data,
			});
		}
	},
);
