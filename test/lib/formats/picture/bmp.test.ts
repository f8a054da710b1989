import { expect, test } from "vitest";
import { decodeBmp } from "../../../../src/lib/formats/picture/bmp.js";

/** A bitmap whose pixels begin at byte 32. */
function bmp(width: number, height: number, bits: number, pixels: number[]) {
	const bytes = new Uint8Array(32 + pixels.length);
	const view = new DataView(bytes.buffer);
	bytes.set([0x42, 0x4d]);
	view.setInt32(10, 32, true);
	view.setInt32(18, width, true);
	view.setInt32(22, height, true);
	view.setInt16(28, bits, true);
	bytes.set(pixels, 32);
	return bytes;
}

const samples = (bytes: Uint8Array, channels: 0 | 3 | 4) =>
	Array.from(decodeBmp(bytes, channels).data);

test("rows lie from the last to the first, and blue comes first", () => {
	const rows = [4, 5, 6, 0, 1, 2, 3, 0];
	expect(samples(bmp(1, 2, 24, rows), 0)).toEqual([3, 2, 1, 6, 5, 4]);
	expect(samples(bmp(1, -2, 24, rows), 0)).toEqual([6, 5, 4, 3, 2, 1]);
});

test("opacity is added or taken away", () => {
	expect(samples(bmp(1, 1, 24, [1, 2, 3, 0]), 4)).toEqual([3, 2, 1, 255]);
	expect(samples(bmp(1, 1, 32, [1, 2, 3, 9]), 0)).toEqual([3, 2, 1, 9]);
	expect(samples(bmp(1, 1, 32, [1, 2, 3, 9]), 3)).toEqual([3, 2, 1]);
	expect(samples(bmp(2, 1, 8, [7, 8, 0, 0]), 3)).toEqual([7, 7, 7, 8, 8, 8]);
});

test.each([
	["of another length", bmp(1, 1, 24, [1, 2, 3]), /35 bytes, 36 are wanted/],
	["of 4 bits a pixel", bmp(1, 1, 4, [0]), /4 bits a pixel/],
	["without pixels", bmp(0, 1, 24, []), /0 pixels wide/],
	["of a few bytes", Uint8Array.of(0x42, 0x4d), /2 bytes, at least 32/],
	["that lies", bmp(60_000, 60_000, 24, []), /less than 2\^29/],
])("a bitmap %s is refused", (_, bytes, message) => {
	expect(() => samples(bytes, 0)).toThrow(message);
});
