import { describe, expect, test } from "vitest";
import type { Tensor } from "../../../../../src/lib/tensor/tensor.js";
import { expectClose } from "../../../../close.js";
import {
	counting,
	fed,
	floats,
	ints,
	loose,
	runOne,
} from "../../../../one-node.js";

/** A picture of one row and one channel. */
const row = (...values: number[]) => floats([1, 1, values.length, 1], values);
const valuesOf = ({ data }: Tensor) => [...(data as Float32Array)];

/** The shape [1, 1, n, c] as graphs may know it. */
const KNOWLEDGE = [
	["known", (shape: readonly number[]) => shape],
	["unknown", (shape: readonly number[]) => [-1, -1, -1, shape[3]]],
] as const;

describe.each(KNOWLEDGE)("with sizes that are %s,", (_, known) => {
	const picture = (tensor: Tensor) => fed(tensor, known(tensor.shape));
	const filter = floats([1, 3, 1, 1], [1, 10, 100]);

	test.each([
		// pads 1 and 1: 0+10·1+100·2, 1+10·2+100·3 …
		[1, [210, 321, 432, 43]],
		// (2-1)·2+3-4 = 1 pad, behind: 1+10·2+100·3, 3+10·4
		[2, [321, 43]],
	])("Conv2D pads SAME at stride %i", async (stride, expected) => {
		const attrs = { strides: [1, 1, stride, 1], padding: "SAME" };
		const inputs = [picture(row(1, 2, 3, 4)), filter];
		const [output] = await runOne("Conv2D", inputs, attrs);
		expect(valuesOf(output)).toEqual(expected);
		expect(output.shape).toEqual([1, 1, expected.length, 1]);
	});

	test("Conv2D pads SAME at stride 2 for a window with gaps", async () => {
		const attrs = {
			strides: [1, 1, 2, 1],
			dilations: [1, 1, 2, 1],
			padding: "SAME",
		};
		// reaches over 5: (2-1)·2+5-4 = 3 pads, 1 before: x₋₁+10·x₁+100·x₃, x₁+10·x₃+100·x₅
		const inputs = [picture(row(1, 2, 3, 4)), filter];
		const [output] = await runOne("Conv2D", inputs, attrs);
		expect(valuesOf(output)).toEqual([420, 42]);
	});

	test("Conv2D on int32 wraps around as TensorFlow's integers do", async () => {
		const attrs = { strides: [1, 1, 1, 1], padding: "SAME" };
		const image: Tensor = {
			dtype: "int32",
			shape: [1, 1, 2, 1],
			data: Int32Array.of(2 ** 30, 5),
		};
		const weights: Tensor = {
			dtype: "int32",
			shape: [1, 1, 1, 2],
			data: Int32Array.of(4, -3),
		};
		const [output] = await runOne("Conv2D", [picture(image), weights], attrs);
		// 2³⁰·4 = 2³² ≡ 0, 2³⁰·-3 = 2³⁰ - 2³²
		expect(output.data).toEqual(Int32Array.of(0, 2 ** 30, 20, -15));
	});

	test("Conv2D on float64 keeps its digits", async () => {
		const attrs = { strides: [1, 1, 1, 1], padding: "SAME" };
		const double = (shape: readonly number[], value: number): Tensor => ({
			dtype: "float64",
			shape,
			data: Float64Array.of(value),
		});
		const image = picture(double([1, 1, 1, 1], 1 + 2 ** -40));
		const [output] = await runOne(
			"Conv2D",
			[image, double([1, 1, 1, 1], 3)],
			attrs,
		);
		expect(output.data).toEqual(Float64Array.of(3 + 3 * 2 ** -40));
	});

	test("DepthwiseConv2dNative orders its outputs by channel, then by filter", async () => {
		const attrs = { strides: [1, 1, 1, 1], padding: "SAME" };
		const filters = floats([1, 1, 2, 2], [1, 10, 100, 1000]);
		const inputs = [picture(counting(1, 1, 1, 2)), filters];
		const [output] = await runOne("DepthwiseConv2dNative", inputs, attrs);
		expect(valuesOf(output)).toEqual([1, 10, 200, 2000]);
	});

	test("MaxPool pads SAME with what is never a maximum", async () => {
		const attrs = {
			ksize: [1, 1, 2, 1],
			strides: [1, 1, 2, 1],
			padding: "SAME",
		};
		const [output] = await runOne("MaxPool", [picture(row(-5, -4, -3))], attrs);
		expect(valuesOf(output)).toEqual([-4, -3]);
	});

	test("AvgPool does not count padding", async () => {
		const attrs = {
			ksize: [1, 1, 2, 1],
			strides: [1, 1, 2, 1],
			padding: "SAME",
		};
		const [output] = await runOne("AvgPool", [picture(row(1, 2, 3))], attrs);
		expect(valuesOf(output)).toEqual([1.5, 3]);
	});

	test("AvgPool and MaxPool pad SAME for a window smaller than its stride", async () => {
		const attrs = {
			ksize: [1, 1, 2, 1],
			strides: [1, 1, 3, 1],
			padding: "SAME",
		};
		// (2-1)·3+2-4 = 1 pad, behind
		const image = picture(row(-1, -2, -3, -4));
		const [mean] = await runOne("AvgPool", [image], attrs);
		const [maximum] = await runOne("MaxPool", [image], attrs);
		expect(valuesOf(mean)).toEqual([-1.5, -4]);
		expect(valuesOf(maximum)).toEqual([-1, -4]);
	});

	test.each([
		[false, [2, 1, 6, 5]],
		// the second picture starts at 4·2
		[true, [2, 1, 6, 5, 8, 11, 14, 13]],
	])(
		"MaxPoolWithArgmax counts places as [height, width, channel], batch included: %s",
		async (batch, expected) => {
			const attrs = {
				ksize: [1, 1, 2, 1],
				strides: [1, 1, 2, 1],
				padding: "VALID",
				include_batch_in_index: batch,
			};
			const first = [1, 8, 3, 2, 5, 6, 7, 4];
			const second = [9, 0, 1, 5, 5, 6, 7, 4];
			const image = batch
				? floats([2, 1, 4, 2], [...first, ...second])
				: floats([1, 1, 4, 2], first);
			const [, places] = await runOne(
				"MaxPoolWithArgmax",
				[picture(image)],
				attrs,
				2,
			);
			expect([...(places.data as BigInt64Array)].map(Number)).toEqual(expected);
		},
	);

	test("MaxPoolWithArgmax does not count padding of a window smaller than its stride", async () => {
		const attrs = {
			ksize: [1, 1, 2, 1],
			strides: [1, 1, 3, 1],
			padding: "SAME",
		};
		const [, places] = await runOne(
			"MaxPoolWithArgmax",
			[picture(row(1, 2, 3, 4))],
			attrs,
			2,
		);
		expect(places.data).toEqual(BigInt64Array.of(1n, 3n));
	});
});

test("Conv2D takes channels in groups", async () => {
	const attrs = { strides: [1, 1, 1, 1], padding: "SAME" };
	// [in, out]: the first output belongs to the first two channels, the second to the others
	const filter = floats([1, 1, 2, 2], [1, 100, 10, 1000]);
	const inputs = [fed(counting(1, 1, 1, 4)), filter];
	const [output] = await runOne("Conv2D", inputs, attrs);
	expect(valuesOf(output)).toEqual([1 + 20, 300 + 4000]);
});

test("Conv2D reads NCHW, and a filter that is fed", async () => {
	const attrs = {
		strides: [1, 1, 1, 1],
		padding: "VALID",
		data_format: "NCHW",
	};
	const inputs = [
		fed(floats([1, 2, 1, 2], [1, 2, 10, 20])),
		fed(floats([1, 2, 2, 1], [1, 2, 3, 4])),
	];
	// 1·1 + 2·3 + 10·2 + 20·4
	const [output] = await runOne("Conv2D", inputs, attrs);
	expect(valuesOf(output)).toEqual([107]);
});

test.each([
	// (2-1)·2+3 = 5 positions: 1, 10, 100+2, 20, 200; SAME of 4 pads 1 behind
	["SAME", 4, [1, 10, 102, 20]],
	["SAME", 3, [10, 102, 20]],
	["VALID", 5, [1, 10, 102, 20, 200]],
	["VALID", 6, [1, 10, 102, 20, 200, 0]],
])(
	"Conv2DBackpropInput with padding %s makes %i pixels, be that known or not",
	async (padding, width, expected) => {
		const attrs = { strides: [1, 1, 2, 1], padding };
		const filter = floats([1, 3, 1, 1], [1, 10, 100]);
		const sizes = ints(1, 1, width, 1);
		const gradient = fed(row(1, 2), [-1, -1, -1, 1]);
		for (const size of [sizes, fed(sizes)]) {
			const inputs = [size, filter, gradient];
			const [output] = await runOne("Conv2DBackpropInput", inputs, attrs);
			expect(valuesOf(output)).toEqual(expected);
		}
	},
);

// as TensorFlow; ONNX Runtime divides by some sizes of such filters, and never comes back from others
test("Conv2D into no channels has none", async () => {
	const image = loose(floats([1, 2, 2, 1], [1, 2, 3, 4]));
	const attrs = { strides: [1, 1, 1, 1], padding: "SAME" };
	const inputs = [image, floats([1, 1, 1, 0], [])];
	const [output] = await runOne("Conv2D", inputs, attrs);
	expectClose(output, floats([1, 2, 2, 0], []));
});

// without elements ONNX Runtime ends the process; TensorFlow says that the sizes do not match
test.each([
	["has no elements", 0],
	["is too large", 3],
])("Conv3DBackpropInputV2 refuses a gradient that %s", async (_, size) => {
	const shape = [1, 2, size, 2, 1];
	const gradient = loose(floats(shape, new Array<number>(4 * size).fill(1)));
	const filter = floats([1, 1, 1, 1, 1], [1]);
	const attrs = { strides: [1, 1, 1, 1, 1], padding: "VALID" };
	const sizes = ints(1, 2, 2, 2, 1);
	await expect(
		runOne("Conv3DBackpropInputV2", [sizes, filter, gradient], attrs),
	).rejects.toMatchObject({ code: "INVALID" });
});

test("_FusedConv2D adds a bias and what else its fused operations say", async () => {
	const attrs = {
		strides: [1, 1, 1, 1],
		padding: "SAME",
		fused_ops: ["BiasAdd", "LeakyRelu"],
		leakyrelu_alpha: 0.5,
		num_args: 1,
		TArgs: ["float32"],
	};
	const inputs = [
		fed(row(1, -1)),
		floats([1, 1, 1, 2], [1, 2]),
		floats([2], [10, -10]),
	];
	const [output] = await runOne("_FusedConv2D", inputs, attrs);
	// 11, -8/2, 9, -12/2
	expect(valuesOf(output)).toEqual([11, -4, 9, -6]);
});

test("_FusedConv2D names the fused operations it knows", async () => {
	const attrs = {
		strides: [1, 1, 1, 1],
		padding: "SAME",
		fused_ops: ["BiasAdd", "Zap"],
	};
	const inputs = [fed(row(1)), floats([1, 1, 1, 1], [1]), floats([1], [0])];
	await expect(runOne("_FusedConv2D", inputs, attrs)).rejects.toThrow(
		'cannot lower the fused operation "Zap": mlship knows Relu, Relu6,',
	);
});

test("FusedBatchNormV3 in training normalizes by the batch and returns its statistics", async () => {
	const attrs = {
		is_training: true,
		epsilon: 0,
		exponential_avg_factor: 0.5,
	};
	const one = (value: number) => floats([1], [value]);
	const inputs = [fed(row(1, 3)), one(2), one(5), one(10), one(4)];
	const [y, mean, variance] = await runOne(
		"FusedBatchNormV3",
		inputs,
		attrs,
		6,
	);
	// mean 2, variance 1 (2 of the population): ∓1·2+5, (10+2)/2, (4+2)/2
	expect(valuesOf(y)).toEqual([3, 7]);
	expect(valuesOf(mean)).toEqual([6]);
	expect(valuesOf(variance)).toEqual([3]);
});

test("LRN sums squares over channels within its radius", async () => {
	const attrs = { depth_radius: 1, bias: 1, alpha: 0.5, beta: 1 };
	const [output] = await runOne("LRN", [fed(counting(1, 1, 1, 3))], attrs);
	// 1/(1+0.5·5), 2/(1+0.5·14), 3/(1+0.5·13)
	expectClose(output, floats([1, 1, 1, 3], [1 / 3.5, 2 / 8, 3 / 7.5]));
});

test.each([[true], [false]])(
	"MaxPoolV2 takes its window from its inputs, constants: %s",
	async (constant) => {
		const window = [ints(1, 1, 2, 1), ints(1, 1, 2, 1)];
		const inputs = [
			fed(row(-1, -2, -3), [1, 1, -1, 1]),
			...(constant ? window : window.map((size) => fed(size))),
		];
		const [output] = await runOne("MaxPoolV2", inputs, { padding: "SAME" });
		expect(valuesOf(output)).toEqual([-1, -3]);
	},
);

test("Dilation2D finds the largest sum of pixels and filter", async () => {
	const attrs = {
		strides: [1, 1, 1, 1],
		rates: [1, 1, 1, 1],
		padding: "SAME",
	};
	const inputs = [fed(row(1, 5, 2), [1, 1, -1, 1]), floats([1, 2, 1], [0, 10])];
	// max(1, 5+10), max(5, 2+10), 2 alone
	const [output] = await runOne("Dilation2D", inputs, attrs);
	expect(valuesOf(output)).toEqual([15, 12, 2]);
});

test("SparseSoftmaxCrossEntropyWithLogits is the logarithm of the label's share", async () => {
	const inputs = [
		fed(floats([2, 2], [0, 0, 0, Math.log(3)]), [-1, 2]),
		fed(ints(1, 0), [-1]),
	];
	const [loss, gradient] = await runOne(
		"SparseSoftmaxCrossEntropyWithLogits",
		inputs,
		{},
		2,
	);
	// shares ½, ½ and ¼, ¾
	expectClose(loss, floats([2], [Math.log(2), Math.log(4)]));
	expectClose(gradient, floats([2, 2], [0.5, -0.5, -0.75, 0.75]));
});
