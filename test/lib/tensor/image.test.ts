import { readFileSync } from "node:fs";
import sharp from "sharp";
import { expect, test } from "vitest";
import {
	defaultScale,
	pictureLayout,
	readPicture,
} from "../../../src/lib/tensor/image.js";

/** A picture of two rows: red, green / blue, white. */
const COLOURS = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255);
const picture = async (format: "png" | "jpeg" = "png") =>
	new Uint8Array(
		await sharp(COLOURS, { raw: { width: 2, height: 2, channels: 3 } })
			.toFormat(format)
			.toBuffer(),
	);
const UNIT = { from: 0, to: 1 };

test.each([
	[
		[-1, 28, 28, 1],
		{ hasBatch: true, channelAxis: "last", height: 28, width: 28, channels: 1 },
	],
	[
		[-1, 3, 224, 224],
		{
			hasBatch: true,
			channelAxis: "first",
			height: 224,
			width: 224,
			channels: 3,
		},
	],
	[
		[32, 48, 3],
		{
			hasBatch: false,
			channelAxis: "last",
			height: 32,
			width: 48,
			channels: 3,
		},
	],
	[
		[-1, 28, 28],
		{ hasBatch: true, channelAxis: "none", height: 28, width: 28, channels: 1 },
	],
	[
		[-1, 784],
		{
			hasBatch: true,
			channelAxis: "flat",
			height: 28,
			width: 28,
			channels: 1,
		},
	],
	[
		[-1, 3072],
		{
			hasBatch: true,
			channelAxis: "flat",
			height: 32,
			width: 32,
			channels: 3,
		},
	],
	[
		[-1, 3, 3],
		{ hasBatch: true, channelAxis: "none", height: 3, width: 3, channels: 1 },
	],
	[
		[-1, -1, 3],
		{
			hasBatch: false,
			channelAxis: "last",
			height: -1,
			width: -1,
			channels: 3,
		},
	],
	[
		[-1, -1, -1, 3],
		{ hasBatch: true, channelAxis: "last", height: -1, width: -1, channels: 3 },
	],
])("pictureLayout() understands %j", (shape, layout) => {
	expect(pictureLayout(shape)).toEqual(layout);
});

test("pictureLayout() refuses a shape that holds no picture", () => {
	expect(() => pictureLayout([-1])).toThrow(
		"cannot put a picture into an input of shape [?]",
	);
});

test("readPicture() scales pixels to 0 … 1 for floats", async () => {
	const { shape, data } = await readPicture(
		await picture(),
		pictureLayout([-1, 2, 2, 3]),
		"float32",
		defaultScale("float32"),
	);
	expect(shape).toEqual([2, 2, 3]);
	expect([...(data as Float32Array)]).toEqual([
		1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1,
	]);
});

test("readPicture() leaves pixels 0 … 255 for integers", async () => {
	const { data } = await readPicture(
		await picture(),
		pictureLayout([-1, 2, 2, 3]),
		"uint8",
		defaultScale("uint8"),
	);
	expect([...(data as Uint8Array)]).toEqual([...COLOURS]);
});

test("readPicture() puts channels first where the input has them first", async () => {
	const { shape, data } = await readPicture(
		await picture(),
		pictureLayout([-1, 3, 2, 2]),
		"float32",
		UNIT,
	);
	expect(shape).toEqual([3, 2, 2]);
	expect([...(data as Float32Array)]).toEqual([
		1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1,
	]);
});

test("readPicture() scales to a range of choice", async () => {
	const { data } = await readPicture(
		await picture(),
		pictureLayout([-1, 2, 2, 3]),
		"float32",
		{ from: -1, to: 1 },
	);
	expect([...(data as Float32Array)].slice(0, 3)).toEqual([1, -1, -1]);
});

test("readPicture() makes a grey picture of its own size where the input leaves it open", async () => {
	const { shape } = await readPicture(
		await picture("jpeg"),
		pictureLayout([-1, -1, -1, 1]),
		"float32",
		UNIT,
	);
	expect(shape).toEqual([2, 2, 1]);
});

test("readPicture() adds an opaque alpha channel for four channels", async () => {
	const { data } = await readPicture(
		await picture(),
		pictureLayout([-1, 2, 2, 4]),
		"uint8",
		defaultScale("uint8"),
	);
	expect([...(data as Uint8Array)].filter((_, i) => i % 4 === 3)).toEqual([
		255, 255, 255, 255,
	]);
});

test("readPicture() fails with INVALID for bytes that are no picture", async () => {
	const bytes = new Uint8Array(readFileSync(new URL(import.meta.url)));
	await expect(
		readPicture(bytes, pictureLayout([-1, 2, 2, 3]), "float32", UNIT),
	).rejects.toMatchObject({ code: "INVALID" });
});

/** 0.299 R + 0.587 G + 0.114 B: 76.245, 149.685, 29.07, 255. */
test("readPicture() lays pixels in a row where the input has no axes for them", async () => {
	const row = await readPicture(
		await picture(),
		{ ...pictureLayout([-1, 48]), height: 2, width: 2 },
		"uint8",
		{ from: 0, to: 255 },
	);
	expect(row).toEqual({ dtype: "uint8", shape: [12], data: COLOURS });
});

test("readPicture() weighs colours as TensorFlow does where grey is wanted", async () => {
	const grey = await readPicture(
		await picture(),
		pictureLayout([-1, 2, 2, 1]),
		"uint8",
		{ from: 0, to: 255 },
	);
	expect(grey.data).toEqual(Uint8Array.of(76, 150, 29, 255));
});
