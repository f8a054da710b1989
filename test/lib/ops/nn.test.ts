import { expect, test } from "vitest";
import {
	counting,
	expectOne,
	floats,
	inferOne,
	ints,
	unranked,
} from "../../one-node.js";

const float = (...shape: number[]) => ({ dtype: "float32" as const, shape });
const anything = { dtype: "float32" as const, shape: undefined };

test.each([
	["SAME", [-1, 4, 3, 16]],
	// 7 - 3 + 2 and 5 - 3 + 2, halved
	["VALID", [-1, 3, 2, 16]],
])("Conv2D slides with stride 2 and padding %s", (padding, shape) => {
	const attrs = { strides: [1, 2, 2, 1], padding };
	const inputs = [float(-1, 7, 5, 3), float(3, 3, 3, 16)];
	expect(inferOne("Conv2D", inputs, attrs)[0].shape).toEqual(shape);
});

test("Conv2D knows the rank and the channels of an image of unknown rank", () => {
	const attrs = { strides: [1, 1, 1, 1], padding: "SAME" };
	expect(
		inferOne("Conv2D", [anything, float(3, 3, 3, 16)], attrs)[0].shape,
	).toEqual([-1, -1, -1, 16]);
});

test("Conv2D reads NCHW with its explicit paddings in that order", () => {
	const attrs = {
		strides: [1, 1, 1, 1],
		padding: "EXPLICIT",
		explicit_paddings: [0, 0, 0, 0, 1, 2, 0, 1],
		data_format: "NCHW",
	};
	// 6 + 3 - 3 + 1 and 6 + 1 - 3 + 1
	expect(
		inferOne("Conv2D", [float(2, 3, 6, 6), float(3, 3, 3, 8)], attrs)[0].shape,
	).toEqual([2, 8, 7, 5]);
});

test("Conv2D takes channels in groups, and refuses those that do not divide", () => {
	const attrs = { strides: [1, 1, 1, 1], padding: "SAME" };
	expect(
		inferOne("Conv2D", [float(1, 4, 4, 6), float(3, 3, 2, 9)], attrs)[0].shape,
	).toEqual([1, 4, 4, 9]);
	expect(() =>
		inferOne("Conv2D", [float(1, 4, 4, 5), float(3, 3, 2, 9)], attrs),
	).toThrow(
		"cannot convolve 5 channels with a filter of shape [3,3,2,9]: 2 channels, or a multiple, are wanted",
	);
});

test("Conv2D says which data_format it knows", () => {
	const attrs = {
		strides: [1, 1, 1, 1],
		padding: "SAME",
		data_format: "NCHW_VECT_C",
	};
	expect(() =>
		inferOne("Conv2D", [float(1, 4, 4, 6), float(3, 3, 2, 9)], attrs),
	).toThrow('cannot use data_format "NCHW_VECT_C": mlship knows NHWC, NCHW,');
});

test("DepthwiseConv2dNative multiplies the channels", () => {
	const attrs = { strides: [1, 1, 1, 1], padding: "SAME" };
	const inputs = [float(1, 4, 4, 3), float(3, 3, 3, 2)];
	expect(inferOne("DepthwiseConv2dNative", inputs, attrs)[0].shape).toEqual([
		1, 4, 4, 6,
	]);
});

test("Conv2DBackpropInput takes the batch from its gradient where the sizes do not know it", () => {
	const attrs = { strides: [1, 2, 2, 1], padding: "SAME" };
	const inputs = [
		{ dtype: "int32" as const, shape: [4] },
		float(3, 3, 8, 16),
		float(2, 5, 5, 16),
	];
	expect(inferOne("Conv2DBackpropInput", inputs, attrs)[0].shape).toEqual([
		2, -1, -1, -1,
	]);
	const sizes = [ints(2, 10, 10, 8), ...inputs.slice(1)];
	expect(inferOne("Conv2DBackpropInput", sizes, attrs)[0].shape).toEqual([
		2, 10, 10, 8,
	]);
	// two sizes are height and width
	const spatial = [ints(10, 10), ...inputs.slice(1)];
	expect(inferOne("Conv2DBackpropInput", spatial, attrs)[0].shape).toEqual([
		2, 10, 10, 8,
	]);
});

test("MaxPool pools channels in groups, as TensorFlow does for one pixel", () => {
	const attrs = {
		ksize: [1, 1, 1, 2],
		strides: [1, 1, 1, 2],
		padding: "VALID",
	};
	expect(inferOne("MaxPool", [float(1, 4, 4, 6)], attrs)[0].shape).toEqual([
		1, 4, 4, 3,
	]);
});

test("AvgPool refuses to pool the batch", () => {
	const attrs = {
		ksize: [2, 1, 1, 1],
		strides: [2, 1, 1, 1],
		padding: "VALID",
	};
	expect(() => inferOne("AvgPool", [float(2, 4, 4, 6)], attrs)).toThrow(
		"cannot pool with ksize [2,1,1,1] and strides [2,1,1,1]",
	);
});

test("FusedBatchNormV3 has statistics in the type of its scale", () => {
	const half = { dtype: "float16" as const, shape: [-1, 4, 4, 3] };
	const four = [1, 2, 3, 4].map(() => float(3));
	const types = inferOne("FusedBatchNormV3", [half, ...four]);
	expect(types[0]).toEqual(half);
	expect(types.slice(1).map(({ dtype }) => dtype)).toEqual(
		new Array(5).fill("float32"),
	);
	expect(types[1].shape).toEqual([3]);
	expect(types).toHaveLength(6);
	expect(inferOne("FusedBatchNormV2", [half, ...four])).toHaveLength(5);
});

test("MaxPoolWithArgmax has indices of the type that Targmax names", () => {
	const attrs = {
		ksize: [1, 2, 2, 1],
		strides: [1, 2, 2, 1],
		padding: "SAME",
		Targmax: "int32",
	};
	const [, indices] = inferOne(
		"MaxPoolWithArgmax",
		[floats([1, 3, 3, 1], new Array(9).fill(0))],
		attrs,
	);
	expect(indices).toEqual({ dtype: "int32", shape: [1, 2, 2, 1] });
});

// the sums over all axes but that of the channels, of 1 … 12
test.each([
	["NHWC", [2, 3, 2], [36, 42]],
	["NCHW", [2, 3, 2], [18, 26, 34]],
])(
	"BiasAddGrad of %s sums %j though the rank was not known",
	async (format, shape, sums) => {
		await expectOne(
			"BiasAddGrad",
			[unranked(counting(...shape))],
			floats([sums.length], sums),
			{
				data_format: format,
			},
		);
	},
);
