import { expect, test } from "vitest";
import { decodeGif } from "../../../../src/lib/formats/picture/gif.js";
import { MOVING_GIF } from "./files.js";

const A = [0, 0, 0];
const B = [40, 50, 60];
const C = [70, 80, 90];

test("a frame is drawn over the one before, the first over black, as TensorFlow does", () => {
	const { data, ...sizes } = decodeGif(MOVING_GIF);
	expect(sizes).toEqual({ frames: 2, width: 3, height: 2 });
	const first = [A, B, C, B, B, B].flat();
	expect(Array.from(data)).toEqual([first, C, B, C, B, B, C].flat(2));
	expect(Array.from(decodeGif(MOVING_GIF, 1).data)).toEqual(first);
});

test("a file may lack its last byte", () => {
	expect(decodeGif(MOVING_GIF.subarray(0, -1)).frames).toBe(2);
});

test.each([
	["a few bytes", 8],
	["its colours", 20],
	["its pixels", 50],
])("a GIF that ends in %s is refused", (_, length) => {
	expect(() => decodeGif(MOVING_GIF.subarray(0, length))).toThrow(
		/cannot read the GIF: it ends after/,
	);
});

test("a small file that claims to be large reserves no memory", () => {
	const liar = MOVING_GIF.slice();
	liar.set([0x20, 0x4e, 0x20, 0x4e], liar.indexOf(0x2c) + 5);
	expect(() => decodeGif(liar)).toThrow(/0 pixels of 400000000/);
});
