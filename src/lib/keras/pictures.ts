import { fail } from "../errors.js";
import type { Port } from "../graph/ir.js";
import type { PixelScale } from "../tensor/image.js";
import type { GraphBuilder, Value } from "./graph/builder.js";
import type { InputSpec } from "./inputs.js";
import type { Layer, Model } from "./model.js";

/** What an input of encoded pictures is called, as TensorFlow's own exporters call it. */
export const PICTURE_INPUT = "image_bytes";

/** How many channels a decoder can give (tf.io.decode_image). */
const CHANNELS = [1, 3, 4];

/** Layers that take pixels from 0 to 255 and scale them themselves. */
const SCALING = new Set(["Rescaling", "Normalization"]);

/**
 * Puts in front of an input of pictures what makes them from files: decoded one by one, resized as
 * `tf.image.resize` does, joined and scaled. Fails with INVALID where the input is none of pictures.
 */
export function decodedPictures(
	graph: GraphBuilder,
	files: Value,
	spec: InputSpec,
	scale: PixelScale,
): Value {
	const [height, width, channels] = pictureSize(spec);
	const pixels = graph.within("preprocess", () => {
		const count = graph.op("Size", [files]);
		const shape = [height, width, channels];
		const list = graph.op("TensorListReserve", [graph.ints(shape), count], {
			element_dtype: "float32",
			shape_type: "int32",
		});
		const inputs = [graph.scalar("int32", 0), count, files, list];
		const ports = inputs.map(
			({ dtype, shape: known }, i): Port => ({
				name: `input_${i}`,
				value: `input_${i}`,
				dtype,
				shape: known,
			}),
		);
		const results = graph.many(
			"StatelessWhile",
			inputs,
			{
				cond: graph.body("map_cond", ports, (body, [at, end]) => [
					body.op("Less", [at, end]),
				]),
				body: graph.body("map_body", ports, (body, [at, end, all, made]) => [
					body.op("AddV2", [at, body.scalar("int32", 1)]),
					end,
					all,
					body.op("TensorListSetItem", [
						made,
						at,
						onePicture(body, item(body, all, at), { height, width, channels }),
					]),
				]),
				output_shapes: inputs.map(({ shape: known }) => ({ dims: known })),
			},
			"map",
		);
		const stacked = graph.op(
			"TensorListStack",
			[results[3], graph.ints(shape)],
			{
				element_dtype: "float32",
				num_elements: -1,
			},
		);
		const joined = graph.shaped(stacked, [files.shape?.[0] ?? -1, ...shape]);
		return scaled(graph, joined, scale);
	});
	return graph.cast(pixels, spec.computed);
}

/** From 0 to 1, or as they are where the network scales by itself. */
export function usualScale(model: Model): PixelScale {
	return scalesItself(model) ? { from: 0, to: 255 } : { from: 0, to: 1 };
}

function scalesItself(model: Model): boolean {
	return model.layers
		.slice(0, FIRST_LAYERS)
		.some(
			(layer: Layer) =>
				SCALING.has(layer.className) ||
				(layer.model !== undefined && scalesItself(layer.model)),
		);
}

/** Beyond them nobody scales pixels. */
const FIRST_LAYERS = 4;

function pictureSize({ name, shape, computed }: InputSpec): readonly number[] {
	const [, height, width, channels] = shape;
	const fits =
		shape.length === 4 &&
		height > 0 &&
		width > 0 &&
		CHANNELS.includes(channels) &&
		computed !== "string";
	if (fits) return [height, width, channels];
	throw fail(
		"INVALID",
		`cannot put pictures in front of input "${name}": its shape is [${shape.map((length) => (length < 0 ? "?" : length)).join(",")}], height, width and 1, 3 or 4 channels are wanted`,
	);
}

function item(body: GraphBuilder, all: Value, at: Value): Value {
	return body.op("GatherV2", [all, at, body.scalar("int32", 0)]);
}

function onePicture(
	body: GraphBuilder,
	file: Value,
	{
		height,
		width,
		channels,
	}: {
		readonly height: number;
		readonly width: number;
		readonly channels: number;
	},
): Value {
	const decoded = body.op("DecodeImage", [file], {
		channels,
		dtype: "uint8",
		expand_animations: false,
	});
	const picture = body.op("ExpandDims", [
		body.shaped(decoded, [-1, -1, channels]),
		body.scalar("int32", 0),
	]);
	const resized = body.op(
		"ResizeBilinear",
		[picture, body.ints([height, width])],
		{
			half_pixel_centers: true,
		},
	);
	return body.op("Squeeze", [resized], { squeeze_dims: [0] });
}

function scaled(
	graph: GraphBuilder,
	pixels: Value,
	{ from, to }: PixelScale,
): Value {
	const factor = (to - from) / 255;
	const stretched =
		factor === 1
			? pixels
			: graph.op("Mul", [pixels, graph.scalar("float32", factor)]);
	return from === 0
		? stretched
		: graph.op("AddV2", [stretched, graph.scalar("float32", from)]);
}
