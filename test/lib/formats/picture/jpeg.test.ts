import { expect, test } from "vitest";
import {
	decodeJpeg,
	type JpegOptions,
} from "../../../../src/lib/formats/picture/jpeg.js";
import { BASELINE_JPEG, CMYK_JPEG, PROGRESSIVE_JPEG } from "./files.js";

const PLAIN: JpegOptions = {
	ratio: 1,
	isFancy: true,
	isAccurate: false,
	acceptableFraction: 1,
	recovers: false,
};
/** Where blocks and units meet. */
const crop = { y: 7, x: 14, height: 2, width: 2 };

function pixels(
	bytes: Uint8Array,
	options: Partial<JpegOptions>,
	channels: 0 | 1 | 3 = 0,
): number[] {
	const { data } = decodeJpeg(bytes, channels, { ...PLAIN, ...options });
	return Array.from(data);
}

// all answers are TensorFlow 2.21's
test.each([
	[
		"an eighth in colour",
		{ ratio: 8 },
		0,
		[
			51, 87, 61, 160, 88, 136, 225, 87, 173, 50, 200, 103, 158, 200, 178, 224,
			200, 216,
		],
	],
	["an eighth in grey", { ratio: 8 }, 1, [73, 115, 138, 144, 185, 209]],
	[
		"a quarter in grey",
		{ ratio: 4 },
		1,
		[31, 52, 73, 94, 106, 94, 115, 136, 157, 169, 134, 155, 174, 196, 209],
	],
	[
		"a window",
		{ crop },
		0,
		[200, 173, 188, 209, 176, 195, 205, 196, 201, 213, 198, 205],
	],
	[
		"a window whose colour is repeated",
		{ crop, isFancy: false },
		0,
		[210, 168, 192, 215, 173, 197, 203, 197, 199, 207, 201, 203],
	],
	[
		"a window in accurate arithmetic",
		{ crop, isAccurate: true },
		0,
		[201, 174, 191, 210, 177, 198, 206, 195, 203, 215, 198, 208],
	],
] as const)(
	"a baseline JPEG gives %s as TensorFlow does",
	(_, options, channels, wanted) => {
		expect(pixels(BASELINE_JPEG, options, channels)).toEqual(wanted);
	},
);

test.each([
	[
		"an eighth in colour",
		{ ratio: 8 },
		[
			83, 67, 80, 125, 109, 122, 224, 87, 175, 85, 179, 119, 126, 220, 160, 224,
			200, 216,
		],
	],
	[
		"a window",
		{ crop },
		[191, 177, 190, 201, 180, 197, 198, 200, 197, 206, 202, 203],
	],
	[
		"a window whose colour is repeated",
		{ crop, isFancy: false },
		[196, 175, 192, 201, 180, 197, 202, 198, 199, 206, 202, 203],
	],
] as const)(
	"a progressive JPEG gives %s as TensorFlow does",
	(_, options, wanted) => {
		expect(pixels(PROGRESSIVE_JPEG, options)).toEqual(wanted);
	},
);

test("four inks become colours", () => {
	expect(pixels(CMYK_JPEG, { ratio: 4 })).toEqual([21, 37, 27]);
	expect(() => pixels(CMYK_JPEG, {}, 1)).toThrow(/grey is not made/);
});

test.each([
	["its tables", BASELINE_JPEG, 40],
	["a scan", BASELINE_JPEG, 310],
	["its last marker", BASELINE_JPEG, 327],
	["one of several scans", PROGRESSIVE_JPEG, 400],
	["its last marker of several scans", PROGRESSIVE_JPEG, 577],
] as const)("a JPEG that ends before %s is refused", (_, bytes, length) => {
	expect(() => pixels(bytes.subarray(0, length), {})).toThrow(
		/cannot read the JPEG: it/,
	);
});

test("a JPEG that ends early is taken where that is asked for, grey where nothing is known", () => {
	const part = BASELINE_JPEG.subarray(0, 310);
	const recovered = pixels(part, { recovers: true }, 1);
	expect(recovered.slice(0, 8)).toEqual(
		pixels(BASELINE_JPEG, {}, 1).slice(0, 8),
	);
	expect(recovered[16]).toBe(128);
	const blank = pixels(part, { acceptableFraction: 0 }, 1);
	expect(blank[16]).toBe(0);
});

test("a few bytes that claim to be a large JPEG reserve no memory", () => {
	const liar = BASELINE_JPEG.slice();
	const frame = liar.findIndex(
		(byte, i) => byte === 0xff && liar[i + 1] === 0xc0,
	);
	liar.set([0x4e, 0x20, 0x4e, 0x20], frame + 5);
	expect(() => pixels(liar, {})).toThrow(/20000×20000 pixels in 329 bytes/);
});

test("a window beyond the picture is refused", () => {
	expect(() => pixels(BASELINE_JPEG, { crop: { ...crop, x: 16 } })).toThrow(
		/17×9 pixels, of which 2×2 from column 16/,
	);
});
