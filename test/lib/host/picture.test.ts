import { describe, expect, test } from "vitest";
import type { Attrs } from "../../../src/lib/graph/ir.js";
import { hostRow } from "../../../src/lib/host/index.js";
import { tensorOf } from "../../../src/lib/host/value.js";
import { opDef } from "../../../src/lib/ops/opdef.js";
import { type Tensor, tensor } from "../../../src/lib/tensor/tensor.js";
import { BASELINE_JPEG, MOVING_GIF, WEBP } from "../formats/picture/files.js";
import { aRun } from "./steps.js";

async function run(
	op: string,
	input: Tensor | Uint8Array,
	attrs: Attrs = {},
	...others: Tensor[]
): Promise<Tensor> {
	const first =
		input instanceof Uint8Array ? tensor("string", [], [input]) : input;
	const defaults = [...(opDef(op)?.attrs ?? [])].map(
		([name, { default: value }]) => [name, value] as const,
	);
	const node = {
		name: "node",
		op,
		inputs: [],
		outputs: [],
		attrs: { ...Object.fromEntries(defaults), ...attrs } as Attrs,
	};
	const inputs = [first, ...others];
	const row = hostRow(node, []);
	const made =
		typeof row === "function"
			? row(node, inputs)
			: await row?.step(node, inputs, aRun());
	if (made === undefined) throw new Error(`${op} has no row`);
	return tensorOf(made[0]);
}

const grey = tensor("uint8", [2, 2, 1], Uint8Array.of(0, 51, 102, 255));

// TensorFlow's ops decode more kinds than their names tell, and each gives the shape of its own kind
test.each([
	["DecodePng", BASELINE_JPEG, {}, [9, 17, 3]],
	["DecodeJpeg", BASELINE_JPEG, { ratio: 2 }, [5, 9, 3]],
	["DecodeGif", BASELINE_JPEG, {}, [1, 9, 17, 3]],
	["DecodeImage", BASELINE_JPEG, { channels: 1 }, [9, 17, 1]],
	["DecodeGif", MOVING_GIF, {}, [2, 2, 3, 3]],
	["DecodeImage", MOVING_GIF, {}, [2, 2, 3, 3]],
	["DecodeImage", MOVING_GIF, { expand_animations: false }, [2, 3, 3]],
	["DecodeImage", WEBP, { expand_animations: false }, [2, 2, 3]],
	["DecodeWebP", WEBP, {}, [1, 2, 2, 3]],
])("%s takes what TensorFlow's takes", async (op, bytes, attrs, shape) => {
	expect((await run(op, bytes, attrs)).shape).toEqual(shape);
});

test("a WebP without loss gives its pixels", async () => {
	const { data } = await run("DecodeImage", WEBP, { expand_animations: false });
	expect(Array.from(data as Uint8Array)).toEqual([
		0, 0, 0, 14, 0, 9, 0, 25, 9, 14, 25, 18,
	]);
});

test("samples become the element type that is asked for as in TensorFlow", async () => {
	const [png] = (await run("EncodePng", grey)).data as Uint8Array[];
	const as = async (dtype: string, bytes = png) =>
		Array.from((await run("DecodeImage", bytes, { dtype })).data as Uint8Array);
	expect(await as("uint8")).toEqual([0, 51, 102, 255]);
	expect(await as("uint16")).toEqual([0, 13107, 26214, 65535]);
	expect(await as("float32")).toEqual([0, 0.2, 0.4, 1].map(Math.fround));
	// only PNG is decoded in 16 bits
	expect(Math.max(...(await as("uint16", MOVING_GIF)))).toBe(90 * 256);
});

describe("INVALID tells what came instead of a picture", () => {
	const text = new TextEncoder().encode("hello");
	test.each([
		[
			"DecodeImage",
			text,
			{},
			/its 5 bytes begin with 68 65 6c 6c 6f, wanted JPEG, PNG, GIF, BMP, WebP/,
		],
		[
			"DecodePng",
			new Uint8Array(0),
			{},
			/cannot decode the picture: it is empty/,
		],
		["DecodeBmp", BASELINE_JPEG, {}, /it is a JPEG, wanted BMP/],
		["DecodeJpeg", MOVING_GIF, {}, /a GIF of 2 frames/],
		["DecodeJpeg", BASELINE_JPEG, { channels: 4 }, /a JPEG and 4 channels/],
		["DecodeImage", MOVING_GIF, { channels: 1 }, /a GIF and 1 channels/],
		[
			"DecodeJpeg",
			BASELINE_JPEG.subarray(0, 50),
			{},
			/cannot decode the JPEG: it ends/,
		],
		["DecodeWebP", WEBP.subarray(0, 40), {}, /cannot decode the WebP/],
		[
			"DecodePng",
			BASELINE_JPEG,
			{ channels: 2 },
			/2 channels: wanted 0, 1, 3 or 4/,
		],
		[
			"DecodeImage",
			WEBP,
			{ channels: 4 },
			/4 channels are asked for, wanted 0 or 3/,
		],
	])("%s", async (op, bytes, attrs, message) => {
		await expect(run(op, bytes, attrs)).rejects.toMatchObject({
			code: "INVALID",
			message: expect.stringMatching(message),
		});
	});
});

test("a JPEG tells its size without being decoded", async () => {
	const { data } = await run("ExtractJpegShape", BASELINE_JPEG, {
		output_type: "int32",
	});
	expect(Array.from(data as Int32Array)).toEqual([9, 17, 3]);
	await expect(
		run("ExtractJpegShape", MOVING_GIF, { output_type: "int32" }),
	).rejects.toMatchObject({ code: "INVALID" });
});

test("a batch becomes as many PNG files", async () => {
	const batch = tensor("uint8", [2, 1, 2, 3], new Uint8Array(12).fill(7));
	const { shape, data } = await run("EncodePng", batch);
	expect(shape).toEqual([2]);
	const decoded = await run("DecodePng", (data as Uint8Array[])[1]);
	expect(decoded).toMatchObject({ shape: [1, 2, 3] });
});

describe("JPEG is written", () => {
	const image = tensor("uint8", [16, 16, 3], new Uint8Array(768).fill(90));

	test("and read again", async () => {
		const [bytes] = (await run("EncodeJpeg", image)).data as Uint8Array[];
		const { data } = await run("DecodeJpeg", bytes);
		for (const sample of data as Uint8Array)
			expect(Math.abs(sample - 90)).toBeLessThanOrEqual(1);
	});

	test("grey, progressive, and in a quality that is computed", async () => {
		const options = { progressive: true, quality: 0, x_density: 72 };
		const [bytes] = (await run("EncodeJpeg", grey, options))
			.data as Uint8Array[];
		expect((await run("DecodeJpeg", bytes)).shape).toEqual([2, 2, 1]);
		const quality = tensor("int32", [], Int32Array.of(5));
		const worse = await run("EncodeJpegVariableQuality", image, {}, quality);
		expect((worse.data as Uint8Array[])[0].slice(0, 2)).toEqual(
			Uint8Array.of(0xff, 0xd8),
		);
	});

	test.each([
		[grey, { format: "rgb" }, /format rgb .* \[2,2,1\]: wanted 3 channels/],
		[image, { quality: 101 }, /quality 101/],
		[tensor("uint8", [1, 1, 2], new Uint8Array(2)), {}, /\[1,1,2\]/],
		[tensor("uint8", [0, 1, 3], new Uint8Array(0)), {}, /sides of 1 to/],
	])("unless it cannot be", async (input, attrs, message) => {
		await expect(run("EncodeJpeg", input, attrs)).rejects.toMatchObject({
			code: "INVALID",
			message: expect.stringMatching(message),
		});
	});
});
