import { expect, test } from "vitest";
import type { Attrs } from "../../../../../src/lib/graph/ir.js";
import { tensorFromNumbers } from "../../../../../src/lib/tensor/numbers.js";
import type { Tensor } from "../../../../../src/lib/tensor/tensor.js";
import { expectClose } from "../../../../close.js";
import {
	counting,
	expectOne,
	fed,
	floats,
	int,
	ints,
	loose,
	matrix,
	runOne,
	unranked,
} from "../../../../one-node.js";

const NO_MASKS = {
	begin_mask: 0,
	end_mask: 0,
	ellipsis_mask: 0,
	new_axis_mask: 0,
	shrink_axis_mask: 0,
};

test("axes may be known at run time only", async () => {
	const x = counting(2, 3);
	const turned = floats([3, 2], [1, 4, 2, 5, 3, 6]);
	await expectOne("Transpose", [loose(x), loose(ints(1, -2))], turned);
	await expectOne("Transpose", [unranked(x), fed(ints(1, 0))], turned);
	const twice = floats([2, 6], [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]);
	await expectOne("ConcatV2", [unranked(x), loose(x), fed(int(-1))], twice, {
		N: 2,
	});
	await expectOne(
		"GatherV2",
		[unranked(x), loose(ints(2, 0)), fed(int(1))],
		floats([2, 2], [3, 1, 6, 4]),
	);
	await expectOne(
		"ReverseV2",
		[unranked(x), loose(ints(-1))],
		floats([2, 3], [3, 2, 1, 6, 5, 4]),
	);
	await expectOne(
		"Roll",
		[loose(x), fed(ints(1, -1)), fed(ints(0, 1))],
		floats([2, 3], [5, 6, 4, 2, 3, 1]),
	);
	await expectOne(
		"ExpandDims",
		[unranked(x), fed(int(-1))],
		floats([2, 3, 1], [1, 2, 3, 4, 5, 6]),
	);
	const [left, right] = await runOne(
		"SplitV",
		[unranked(x), ints(-1, 1), fed(int(1))],
		{},
		2,
	);
	expectClose(left, floats([2, 2], [1, 2, 4, 5]));
	expectClose(right, floats([2, 1], [3, 6]));
});

test("SplitV gives one part what is left of a size that is not known", async () => {
	const parts = await runOne(
		"SplitV",
		[loose(ints(1, 2, 3, 4)), ints(1, -1), int(0)],
		{},
		2,
	);
	expectClose(parts[0], ints(1));
	expectClose(parts[1], ints(2, 3, 4));
});

// x[..., 1], x[:, None, ..., -1:], x[::-1] on a value of which not even the rank is known
test.each<[string, number[], number[], number[], Attrs, Tensor]>([
	[
		"...,1",
		[0, 1],
		[0, 2],
		[1, 1],
		{ ellipsis_mask: 1, shrink_axis_mask: 2 },
		floats([2], [2, 5]),
	],
	[
		"0,...,1",
		[0, 0, 1],
		[1, 0, 2],
		[1, 1, 1],
		{ ellipsis_mask: 2, shrink_axis_mask: 5 },
		floats([], [2]),
	],
	[
		"None,...,None,1:",
		[0, 0, 0, 1],
		[0, 0, 0, 0],
		[1, 1, 1, 1],
		{ new_axis_mask: 5, ellipsis_mask: 2, end_mask: 8 },
		floats([1, 2, 1, 2], [2, 3, 5, 6]),
	],
	[
		"::-1",
		[0],
		[0],
		[-1],
		{ begin_mask: 1, end_mask: 1 },
		floats([2, 3], [4, 5, 6, 1, 2, 3]),
	],
])(
	"StridedSlice [%s] needs no rank",
	async (_, begin, end, strides, masks, wanted) => {
		const bounds = [ints(...begin), ints(...end), ints(...strides)];
		const attrs = { ...NO_MASKS, ...masks };
		const x = counting(2, 3);
		await expectOne("StridedSlice", [unranked(x), ...bounds], wanted, attrs);
		await expectOne("StridedSlice", [loose(x), ...bounds], wanted, attrs);
		await expectOne(
			"StridedSlice",
			[unranked(x), ...bounds.map((bound) => fed(bound))],
			wanted,
			attrs,
		);
	},
);

// tf.pad's documentation
test("MirrorPad leaves the edge out or repeats it", async () => {
	const x = loose(matrix(3, 1, 2, 3, 4, 5, 6));
	const paddings = matrix(2, 1, 1, 2, 2);
	const wanted = {
		REFLECT: [
			6, 5, 4, 5, 6, 5, 4, 3, 2, 1, 2, 3, 2, 1, 6, 5, 4, 5, 6, 5, 4, 3, 2, 1, 2,
			3, 2, 1,
		],
		SYMMETRIC: [
			2, 1, 1, 2, 3, 3, 2, 2, 1, 1, 2, 3, 3, 2, 5, 4, 4, 5, 6, 6, 5, 5, 4, 4, 5,
			6, 6, 5,
		],
	};
	for (const [mode, values] of Object.entries(wanted))
		for (const given of [paddings, loose(paddings)])
			await expectOne(
				"MirrorPad",
				[x, given],
				tensorFromNumbers("int32", [4, 7], values),
				{ mode },
			);
});

test("Range counts floats as TensorFlow does, and LinSpace ends exactly", async () => {
	const scalar = (value: number) => fed(floats([], [value]));
	await expectOne(
		"Range",
		[0, 0.3, 0.1].map(scalar),
		floats([3], [0, 0.1, 0.2]),
		{ Tidx: "float32" },
	);
	await expectOne(
		"Range",
		[1, 0, -0.25].map(scalar),
		floats([4], [1, 0.75, 0.5, 0.25]),
		{ Tidx: "float32" },
	);
	const [line] = await runOne("LinSpace", [
		scalar(0),
		scalar(0.7),
		fed(int(8)),
	]);
	expect(line.data[7]).toBe(Math.fround(0.7));
	await expectOne(
		"LinSpace",
		[scalar(3), scalar(9), fed(int(1))],
		floats([1], [3]),
	);
});

test("ReverseSequence reverses along any two axes", async () => {
	// of each column c of [3, 2] the first lengths[c] rows
	await expectOne(
		"ReverseSequence",
		[fed(counting(3, 2)), ints(3, 2)],
		floats([3, 2], [5, 4, 3, 2, 1, 6]),
		{ seq_dim: 0, batch_dim: 1 },
	);
	await expectOne(
		"ReverseSequence",
		[loose(counting(1, 3, 2)), ints(3, 2)],
		floats([1, 3, 2], [5, 4, 3, 2, 1, 6]),
		{ seq_dim: 1, batch_dim: 2 },
	);
});

test("DynamicPartition takes apart what DynamicStitch puts together", async () => {
	const rows = counting(4, 2);
	const parts = await runOne(
		"DynamicPartition",
		[loose(rows), loose(ints(1, 0, 1, 1))],
		{ num_partitions: 2 },
		2,
	);
	expectClose(parts[0], floats([1, 2], [3, 4]));
	expectClose(parts[1], floats([3, 2], [1, 2, 5, 6, 7, 8]));
	// the later of two wins
	await expectOne(
		"DynamicStitch",
		[
			fed(ints(1, 0)),
			fed(matrix(2, 2, 1)),
			loose(counting(2)),
			loose(floats([1, 2], [8, 9])),
		],
		floats([3], [2, 9, 8]),
		{ N: 2, T: "float32" },
	);
});

test("boxes are put into tensors, inside their edges", async () => {
	const x = loose(tensorFromNumbers("int32", [4], [1, 2, 3, 4]));
	// XLA moves a box that would stand out
	await expectOne(
		"XlaDynamicUpdateSlice",
		[x, loose(ints(8, 9)), fed(ints(3))],
		ints(1, 2, 8, 9),
	);
	await expectOne(
		"TensorStridedSliceUpdate",
		[x, ints(3), ints(0), ints(-2), loose(ints(8, 9))],
		ints(1, 9, 3, 8),
		NO_MASKS,
	);
});

// tf.space_to_batch's documentation
test("blocks move into the batch and back, whatever is known", async () => {
	const picture = floats([1, 2, 2, 1], [1, 2, 3, 4]);
	const batch = floats([4, 1, 1, 1], [1, 2, 3, 4]);
	const [block, none] = [ints(2, 2), matrix(2, 0, 0, 0, 0)];
	for (const given of [fed(picture), loose(picture)])
		for (const sizes of [
			[block, none],
			[fed(block), fed(none)],
		]) {
			await expectOne("SpaceToBatchND", [given, ...sizes], batch);
			await expectOne("BatchToSpaceND", [loose(batch), ...sizes], picture);
		}
	await expectOne("SpaceToBatch", [loose(picture), none], batch, {
		block_size: 2,
	});
});

test("ListDiff, UnravelIndex and DataFormatVecPermute, by their documentation", async () => {
	const [rest, places] = await runOne(
		"ListDiff",
		[loose(ints(1, 2, 3, 4, 5, 6)), loose(ints(1, 3, 5))],
		{ out_idx: "int32" },
		2,
	);
	expectClose(rest, ints(2, 4, 6));
	expectClose(places, ints(1, 3, 5));
	await expectOne(
		"UnravelIndex",
		[loose(ints(2, 5, 7)), ints(3, 3)],
		matrix(3, 0, 1, 2, 2, 2, 1),
	);
	const formats = { src_format: "NHWC", dst_format: "NCHW" };
	await expectOne(
		"DataFormatVecPermute",
		[loose(ints(1, 2, 3, 4))],
		ints(1, 4, 2, 3),
		formats,
	);
	await expectOne(
		"DataFormatDimMap",
		[loose(ints(0, 1, 2, 3, -1))],
		ints(0, 2, 3, 1, 1),
		formats,
	);
});

// what TensorFlow does; ONNX Runtime would refuse the first and answer the second
test("Split makes pieces of nothing, and none that differ", async () => {
	const none = loose(floats([2, 0], []));
	for (const axis of [int(1), fed(int(1))]) {
		const attrs = { num_split: 2 };
		for (const piece of await runOne("Split", [axis, none], attrs, 2))
			expectClose(piece, floats([2, 0], []));
		const odd = loose(floats([1, 3], [1, 2, 3]));
		await expect(runOne("Split", [axis, odd], attrs, 2)).rejects.toMatchObject({
			code: "INVALID",
		});
	}
});
