import { describe, expect, test } from "vitest";
import type { Tensor } from "../../../../../src/lib/tensor/tensor.js";
import { expectClose } from "../../../../close.js";
import { counting, fed, floats, ints, runOne } from "../../../../one-node.js";

/** A picture of one row and one channel. */
const row = (...values: number[]) => floats([1, 1, values.length, 1], values);
const valuesOf = ({ data }: Tensor) => [...(data as Float32Array)];
const scalar = (value: number) => floats([], [value]);

const LEGACY = { align_corners: false, half_pixel_centers: false };
const ALIGNED = { align_corners: true, half_pixel_centers: false };
const CENTERED = { align_corners: false, half_pixel_centers: true };

describe.each([
	["known", true],
	["unknown", false],
])("with sizes that are %s,", (_, known) => {
	const resized = async (
		op: string,
		picture: Tensor,
		width: number,
		attrs: Record<string, boolean>,
	) => {
		const size = ints(1, width);
		const inputs = known
			? [fed(picture, [-1, ...picture.shape.slice(1)]), size]
			: [fed(picture, [-1, -1, -1, picture.shape[3]]), fed(size)];
		const [output] = await runOne(op, inputs, attrs);
		expect(output.shape).toEqual([1, 1, width, picture.shape[3]]);
		return output;
	};

	test.each([
		// taken at -0.25, 0.25, 0.75, 1.25; 0, ⅓, ⅔, 1; 0, ½, 1, 1½
		["half_pixel_centers", CENTERED, [0, 3, 9, 12]],
		["align_corners", ALIGNED, [0, 4, 8, 12]],
		["neither", LEGACY, [0, 6, 12, 12]],
	])("ResizeBilinear stretches with %s", async (_name, attrs, expected) => {
		const output = await resized("ResizeBilinear", row(0, 12), 4, attrs);
		expectClose(output, row(...expected));
	});

	test.each([
		// floor((i + ½)·¾), round(i·⅔), floor(i·¾)
		["half_pixel_centers", CENTERED, [1, 2, 2, 3]],
		["align_corners", ALIGNED, [1, 2, 2, 3]],
		["neither", LEGACY, [1, 1, 2, 3]],
	])(
		"ResizeNearestNeighbor stretches with %s",
		async (_name, attrs, expected) => {
			const output = await resized(
				"ResizeNearestNeighbor",
				row(1, 2, 3),
				4,
				attrs,
			);
			expect(valuesOf(output)).toEqual(expected);
		},
	);

	// 5/245 rounds down in single precision: 49·(5/245) lies below 1 (TensorFlow 2.21 says the same)
	test("ResizeNearestNeighbor rounds as TensorFlow does where ONNX Runtime would not", async () => {
		const output = await resized(
			"ResizeNearestNeighbor",
			row(0, 1, 2, 3, 4),
			245,
			LEGACY,
		);
		const scale = Math.fround(5 / 245);
		const expected = Array.from({ length: 245 }, (_value, i) =>
			Math.floor(Math.fround(i * scale)),
		);
		expect(valuesOf(output)).toEqual(expected);
	});

	test("ResizeNearestNeighbor keeps int64 exactly", async () => {
		const picture: Tensor = {
			dtype: "int64",
			shape: [1, 1, 2, 1],
			data: BigInt64Array.of(2n ** 62n + 1n, -1n),
		};
		const output = await resized("ResizeNearestNeighbor", picture, 4, CENTERED);
		const [a, b] = [2n ** 62n + 1n, -1n];
		expect(output.data).toEqual(BigInt64Array.of(a, a, b, b));
	});

	test("ResizeArea takes each pixel by the share that it covers", async () => {
		// 1½ old pixels a new one: (1 + 2/2)/1½, (2/2 + 3)/1½
		const output = await resized("ResizeArea", row(1, 2, 3), 2, {
			align_corners: false,
		});
		expectClose(output, row(4 / 3, 8 / 3));
	});

	test("ResizeArea repeats a single pixel with aligned corners", async () => {
		const output = await resized("ResizeArea", row(7), 3, {
			align_corners: true,
		});
		expectClose(output, row(7, 7, 7));
	});

	test("ResizeBicubic weighs four pixels, and renormalizes at the edge with half pixels", async () => {
		// Keys' cubic at ½, a = -½: -1/16, 9/16, 9/16, -1/16
		const output = await resized(
			"ResizeBicubic",
			row(0, 16, 32, 64),
			2,
			CENTERED,
		);
		// at ½: (0·9 + 16·9 - 32)/17 without the pixel outside; at 2½: (32·9 + 64·9 - 16)/17
		expectClose(output, row(112 / 17, 848 / 17));
	});

	test("ResizeBicubic repeats the edge without half pixels", async () => {
		// a = -¾ at ½: -3/32, 19/32, 19/32, -3/32; taken at 0 and 1½ and so on: 0, ½, 1, 1½ → here 0 and ½
		const output = await resized("ResizeBicubic", row(0, 32), 4, LEGACY);
		// at ½: 32·19/32 - 32·3/32; at 1½ all four are the edge but one: 32·(19+19-3)/32 - 0·3/32
		expectClose(output, row(0, 16, 32, 35));
	});

	test("ScaleAndTranslate shrinks with a kernel as wide as what it leaves out", async () => {
		const picture = row(0, 4, 8, 12);
		const inputs = [
			fed(picture, known ? picture.shape : [-1, -1, -1, 1]),
			ints(1, 2),
			floats([2], [1, 0.5]),
			floats([2], [0, 0]),
		];
		const [output] = await runOne("ScaleAndTranslate", inputs, {
			kernel_type: "triangle",
			antialias: true,
		});
		// centres at 1 and 3, weights 1 - |distance|/2 = ¾, ¾, ¼: (0·¾ + 4·¾ + 8·¼)/1¾
		expectClose(output, row(5 / 1.75, 16 / 1.75));
	});
});

test("CropAndResize samples boxes of pictures and fills what lies outside", async () => {
	const pictures = floats([2, 1, 3, 1], [0, 10, 20, 100, 110, 120]);
	const boxes = floats([3, 4], [0, 0, 0, 1, 0, 0.5, 0, 0, 0, -1, 0, 1]);
	const inputs = [
		fed(pictures, [-1, 1, 3, 1]),
		fed(boxes, [-1, 4]),
		fed(ints(0, 1, 0), [-1]),
		ints(1, 2),
	];
	const [output] = await runOne("CropAndResize", inputs, {
		method: "bilinear",
		extrapolation_value: -1,
	});
	// columns 0 and 2; 1 and 0 of the second picture; -2 and 2
	expectClose(output, floats([3, 1, 2, 1], [0, 20, 110, 100, -1, 20]));
});

/** The first two boxes share 9 of 11 parts; the third lies apart. Corners may come in any order. */
const BOXES = floats([3, 4], [0, 0, 1, 10, 1, 11, 0, 1, 5, 5, 6, 6]);

test("NonMaxSuppressionV3 drops what overlaps a better box, and low scores", async () => {
	const select = async (overlap: number, least: number) => {
		const inputs = [
			fed(BOXES, [-1, 4]),
			fed(floats([3], [0.5, 0.9, 0.1]), [-1]),
			{ ...ints(5), shape: [] },
			scalar(overlap),
			scalar(least),
		];
		const [chosen] = await runOne("NonMaxSuppressionV3", inputs);
		return [...(chosen.data as Int32Array)];
	};
	expect(await select(0.5, 0)).toEqual([1, 2]);
	expect(await select(0.9, 0)).toEqual([1, 0, 2]);
	expect(await select(0.5, 0.2)).toEqual([1]);
});

test.each([
	// hard: the second of two equal boxes goes
	[0, [0, 2, 0], [0.9, 0.7, 0], 2],
	// soft: its score falls to 0.8·exp(-½/½·1)
	[0.5, [0, 2, 1], [0.9, 0.7, 0.8 * Math.exp(-1)], 3],
])(
	"NonMaxSuppressionV5 with sigma %d drops or lowers a box that overlaps",
	async (sigma, indices, scores, count) => {
		const boxes = floats([3, 4], [0, 0, 1, 1, 0, 0, 1, 1, 5, 5, 6, 6]);
		for (const given of [scalar(sigma), fed(scalar(sigma))]) {
			const inputs = [
				fed(boxes, [-1, 4]),
				fed(floats([3], [0.9, 0.8, 0.7]), [-1]),
				{ ...ints(3), shape: [] },
				scalar(0.5),
				scalar(0.1),
				given,
			];
			const attrs = { pad_to_max_output_size: true };
			const outputs = await runOne("NonMaxSuppressionV5", inputs, attrs, 3);
			expect([...(outputs[0].data as Int32Array)]).toEqual(indices);
			expectClose(outputs[1], floats([3], scores));
			expect(outputs[2].data).toEqual(Int32Array.of(count));
		}
	},
);

test("NonMaxSuppressionV5 finds nothing among no boxes", async () => {
	const inputs = [
		fed(floats([0, 4], []), [-1, 4]),
		fed(floats([0], []), [-1]),
		{ ...ints(3), shape: [] },
		scalar(0.5),
		scalar(0.1),
		scalar(0.5),
	];
	const outputs = await runOne("NonMaxSuppressionV5", inputs, {}, 3);
	expect(outputs[0].shape).toEqual([0]);
	expect(outputs[2].data).toEqual(Int32Array.of(0));
});

test("NonMaxSuppressionWithOverlaps reads overlaps from a matrix", async () => {
	const inputs = [
		fed(floats([3, 3], [1, 0.8, 0, 0.8, 1, 0, 0, 0, 1])),
		fed(floats([3], [0.5, 0.9, 0.1])),
		{ ...ints(3), shape: [] },
		scalar(0.5),
		scalar(0),
	];
	const [chosen] = await runOne("NonMaxSuppressionWithOverlaps", inputs);
	expect([...(chosen.data as Int32Array)]).toEqual([1, 2]);
});

test.each([
	["shared by all classes", 1],
	["of each class", 2],
])(
	"CombinedNonMaxSuppression takes the best of all classes, boxes %s",
	async (_, sets) => {
		const unit = [0, 0, 1, 1];
		const wide = [0, 0, 1, 2];
		const each = (box: number[]) => Array(sets).fill(box).flat();
		const inputs = [
			fed(floats([1, 2, sets, 4], [...each(unit), ...each(wide)]), [
				-1,
				-1,
				sets,
				4,
			]),
			// two boxes, two classes
			fed(floats([1, 2, 2], [0.9, 0.2, 0.8, 0.3]), [-1, -1, 2]),
			{ ...ints(2), shape: [] },
			{ ...ints(3), shape: [] },
			// they share half
			scalar(0.4),
			scalar(0.1),
		];
		const attrs = { clip_boxes: true };
		const outputs = await runOne("CombinedNonMaxSuppression", inputs, attrs, 4);
		expectClose(
			outputs[0],
			floats([1, 3, 4], [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0]),
		);
		expectClose(outputs[1], floats([1, 3], [0.9, 0.3, 0]));
		expectClose(outputs[2], floats([1, 3], [0, 1, 0]));
		expect(outputs[3].data).toEqual(Int32Array.of(2));
	},
);

// red, green, blue, grey, black, and yellow with a third of white
const RGB = [
	[1, 0, 0],
	[0, 1, 0],
	[0, 0, 1],
	[0.5, 0.5, 0.5],
	[0, 0, 0],
	[0.9, 0.9, 0.3],
];
const HSV = [
	[0, 1, 1],
	[1 / 3, 1, 1],
	[2 / 3, 1, 1],
	[0, 0, 0.5],
	[0, 0, 0],
	[1 / 6, 2 / 3, 0.9],
];
const colors = (rows: number[][]) => floats([rows.length, 3], rows.flat());

test("RGBToHSV and HSVToRGB know the corners of the colour wheel", async () => {
	expectClose((await runOne("RGBToHSV", [fed(colors(RGB))]))[0], colors(HSV));
	expectClose((await runOne("HSVToRGB", [fed(colors(HSV))]))[0], colors(RGB));
});

test("AdjustHue turns red to green to blue, also by more than a full turn", async () => {
	const inputs = [
		fed(floats([1, 3, 3], [1, 0, 0, 0, 1, 0, 0.5, 0.5, 0.5])),
		scalar(-5 / 3),
	];
	const [output] = await runOne("AdjustHue", inputs);
	expectClose(output, floats([1, 3, 3], [0, 1, 0, 0, 0, 1, 0.5, 0.5, 0.5]), {
		atol: 1e-5,
	});
});

test("AdjustSaturation fades colours and keeps their value", async () => {
	const inputs = [fed(floats([1, 1, 3], [1, 0, 0])), scalar(0.25)];
	const [output] = await runOne("AdjustSaturation", inputs);
	expectClose(output, floats([1, 1, 3], [1, 0.75, 0.75]));
});

test("AdjustContrastv2 leads away from the mean of each channel", async () => {
	const picture = floats([1, 1, 2, 2], [1, 10, 3, 20]);
	const [output] = await runOne("AdjustContrastv2", [fed(picture), scalar(2)]);
	expectClose(output, floats([1, 1, 2, 2], [0, 5, 4, 25]));
});

describe.each([
	["known", [1, 3, 3, 1]],
	["unknown", [-1, -1, -1, -1]],
])("of a picture whose sizes are %s,", (_, shape) => {
	test("ExtractImagePatches lists what a window sees, row by row", async () => {
		const [output] = await runOne(
			"ExtractImagePatches",
			[fed(counting(1, 3, 3, 1), shape)],
			{
				ksizes: [1, 2, 2, 1],
				strides: [1, 2, 2, 1],
				rates: [1, 1, 1, 1],
				padding: "SAME",
			},
		);
		// 1 2 3 / 4 5 6 / 7 8 9, padded by 1 behind
		expectClose(
			output,
			floats([1, 2, 2, 4], [1, 2, 4, 5, 3, 0, 6, 0, 7, 8, 0, 0, 9, 0, 0, 0]),
		);
	});

	test.each([
		["CONSTANT", [9, 9, 1, 2]],
		["NEAREST", [1, 1, 1, 2]],
		["REFLECT", [2, 1, 1, 2]],
		// image_ops.h: -2 + 3·(⌊2/2⌋ + 1) = 4, which is clamped; -1 + 3·1 = 2
		["WRAP", [3, 3, 1, 2]],
	])(
		"ImageProjectiveTransformV3 looks beyond the edge with %s",
		async (fill_mode, expected) => {
			const picture = floats([1, 1, 3, 1], [1, 2, 3]);
			const known = shape[0] < 0 ? [-1, -1, -1, 1] : picture.shape;
			// new x is found at x - 2
			const inputs = [
				fed(picture, known),
				floats([1, 8], [1, 0, -2, 0, 1, 0, 0, 0]),
				ints(1, 4),
				scalar(9),
			];
			const attrs = { interpolation: "NEAREST", fill_mode };
			const [output] = await runOne(
				"ImageProjectiveTransformV3",
				inputs,
				attrs,
			);
			expect(valuesOf(output)).toEqual(expected);
		},
	);
});
