import { boolAttr, dtypeAttr, intsAttr } from "../../graph/attrs.js";
import type { Shape } from "../../tensor/tensor.js";
import {
	composite,
	type InferContext,
	type InferRule,
	type OpEntry,
	primitive,
} from "../define.js";
import {
	imageShape,
	imageSizes,
	paddingOf,
	spatialItems,
	windowedSizes,
} from "../nn/window.js";
import { broadcast, elementsOf, normalizeAxis } from "../shapes.js";
import { RANGE } from "./conversion.js";

/** [batch, height, width, channels]: no other layout is quantized. */
export const NHWC = { channels: 3, spatial: [1, 2] };

const sameShape: InferRule = ({ node, inputs }) => [
	{ dtype: dtypeAttr(node, "out_type"), shape: inputs[0].shape },
	...RANGE,
];

const elementwise: InferRule = ({ node, inputs: [x, y] }) => [
	{ dtype: dtypeAttr(node, "Toutput"), shape: broadcast(x.shape, y.shape) },
	...RANGE,
];

const matrices: InferRule = ({ node, inputs: [a, b] }) => {
	const rows = a.shape?.[boolAttr(node, "transpose_a") ? 1 : 0] ?? -1;
	const columns = b.shape?.[boolAttr(node, "transpose_b") ? 0 : 1] ?? -1;
	return [
		{ dtype: dtypeAttr(node, "Toutput"), shape: [rows, columns] },
		...RANGE,
	];
};

const convolution: InferRule = ({ node, inputs: [image, filter] }) => {
	const [height = -1, width = -1, , channels = -1] = filter.shape ?? [];
	const shape = windowedShape(node, image.shape, [height, width], channels);
	return [{ dtype: dtypeAttr(node, "out_type"), shape }, ...RANGE];
};

const pooling: InferRule = ({ node, inputs: [image] }) => {
	const kernel = spatialItems(intsAttr(node, "ksize"), NHWC);
	const { channels } = imageSizes(image.shape, NHWC);
	const shape = windowedShape(node, image.shape, kernel, channels);
	return [{ dtype: image.dtype, shape }, ...RANGE];
};

function windowedShape(
	node: InferContext["node"],
	image: Shape,
	kernel: readonly number[],
	channels: number,
): Shape {
	const { batch, spatial } = imageSizes(image, NHWC);
	const window = {
		kernel,
		strides: spatialItems(intsAttr(node, "strides"), NHWC),
		dilations: [1, 1],
		padding: paddingOf(node, NHWC),
	};
	const sizes = windowedSizes(window, spatial);
	return imageShape({ batch, spatial: sizes, channels }, NHWC);
}

/** N values, their ranges, and the axis before or behind the values. */
const joined =
	(axisFirst: boolean): InferRule =>
	(context) => {
		const { inputs } = context;
		const count = (inputs.length - 1) / 3;
		const values = inputs.slice(axisFirst ? 1 : 0).slice(0, count);
		const axis = elementsOf(context, axisFirst ? 0 : count)?.[0];
		const { dtype, shape } = values[0];
		if (shape === undefined || axis === undefined)
			return [{ dtype, shape: shape?.map(() => -1) }, ...RANGE];
		const place = normalizeAxis(axis, shape.length);
		const sizes = values.map((value) => value.shape?.[place] ?? -1);
		const size = sizes.some((one) => one < 0)
			? -1
			: sizes.reduce((sum, one) => sum + one, 0);
		return [{ dtype, shape: shape.with(place, size) }, ...RANGE];
	};

/** Layers of graphs that TensorFlow 1 quantized. */
export const networkOps = {
	QuantizedMatMul: primitive(matrices),
	QuantizedConv2D: primitive(convolution),
	QuantizedBiasAdd: primitive(sameShape),
	QuantizedAdd: primitive(elementwise),
	QuantizedMul: primitive(elementwise),
	QuantizedRelu: primitive(sameShape),
	QuantizedRelu6: primitive(sameShape),
	QuantizedMaxPool: primitive(pooling),
	QuantizedAvgPool: primitive(pooling),
	QuantizedConcat: primitive(joined(true)),
	QuantizedConcatV2: primitive(joined(false)),
	QuantizedReshape: composite(({ node, inputs, add }) => [
		add("Reshape", inputs.slice(0, 2), {
			T: node.attrs.T,
			Tshape: node.attrs.Tshape,
		}),
		inputs[2],
		inputs[3],
	]),
} as const satisfies Record<string, OpEntry>;
