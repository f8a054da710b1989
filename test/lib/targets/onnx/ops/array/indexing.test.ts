import { expect, test } from "vitest";
import type { DType } from "../../../../../../src/lib/tensor/dtype.js";
import { tensorFromNumbers } from "../../../../../../src/lib/tensor/numbers.js";
import { tensor } from "../../../../../../src/lib/tensor/tensor.js";
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
} from "../../../../../one-node.js";

const vector = (dtype: DType, ...values: number[]) =>
	tensorFromNumbers(dtype, [values.length], values);

const strings = (shape: readonly number[], ...values: string[]) =>
	tensor(
		"string",
		shape,
		values.map((value) => new TextEncoder().encode(value)),
	);

test("an index that TensorFlow refuses fails, negative ones too", async () => {
	const x = loose(counting(3));
	const at = (place: number) => loose(ints(place));
	for (const place of [-1, 3]) {
		await expect(runOne("GatherV2", [x, at(place), int(0)])).rejects.toThrow();
		const index = fed(matrix(1, place));
		await expect(runOne("GatherNd", [x, index])).rejects.toThrow();
		for (const op of ["Update", "Add"])
			await expect(
				runOne(`TensorScatter${op}`, [x, index, loose(floats([1], [9]))]),
			).rejects.toThrow();
	}
	// two coordinates that lead to a place that exists, but not there
	const [square, beyond] = [loose(counting(2, 2)), fed(matrix(2, 0, 2))];
	await expect(
		runOne("TensorScatterAdd", [square, beyond, loose(floats([1], [9]))]),
	).rejects.toThrow();
});

test("indices that are bad are ignored where the node says so", async () => {
	const attrs = { bad_indices_policy: "IGNORE" };
	const indices = fed(matrix(1, 1, 7, 3, -1));
	const updates = loose(floats([4], [1, 2, 3, 4]));
	await expectOne(
		"ScatterNd",
		[indices, updates, ints(4)],
		floats([4], [0, 1, 0, 3]),
		attrs,
	);
	await expectOne(
		"GatherNd",
		[loose(counting(4, 1)), indices],
		floats([4, 1], [2, 0, 4, 0]),
		attrs,
	);
});

test("slices of strings are gathered whole", async () => {
	const words = strings([2, 2], "a", "b", "", "d");
	const swapped = strings([2, 2], "", "d", "a", "b");
	await expectOne("GatherV2", [loose(words), ints(1, 0), int(0)], swapped);
	await expectOne("Roll", [loose(words), int(1), int(0)], swapped);
	await expectOne(
		"PadV2",
		[loose(words), matrix(2, 0, 0, 1, 0), strings([], "-")],
		strings([2, 3], "-", "a", "b", "-", "", "d"),
	);
	await expectOne(
		"MirrorPad",
		[loose(words), matrix(2, 1, 0, 0, 0)],
		strings([3, 2], "", "d", "a", "b", "", "d"),
		{ mode: "REFLECT" },
	);
	await expectOne("ZerosLike", [loose(words)], strings([2, 2], "", "", "", ""));
});

test("GatherV2 in batches along an axis behind others", async () => {
	// tf.gather(x, [[1], [0]], axis=2, batch_dims=1) of [2, 2, 2]
	await expectOne(
		"GatherV2",
		[loose(counting(2, 2, 2)), matrix(1, 1, 0), int(2)],
		floats([2, 2, 1], [2, 4, 5, 7]),
		{ batch_dims: 1 },
	);
	await expectOne(
		"GatherV2",
		[loose(counting(2, 3)), matrix(1, 2, 0), int(1)],
		floats([2, 1], [3, 4]),
		{ batch_dims: -1 },
	);
});

test("rows that several indices name are added up, in any element type", async () => {
	const indices = fed(matrix(1, 1, 1, 2));
	for (const dtype of [
		"float32",
		"float16",
		"bfloat16",
		"int8",
		"uint16",
		"int64",
		"uint64",
	] as const)
		await expectOne(
			"ScatterNd",
			[indices, loose(vector(dtype, 1, 2, 3)), ints(4)],
			vector(dtype, 0, 3, 3, 0),
		);
	await expectOne(
		"TensorScatterSub",
		[loose(ints(5, 5, 5)), indices, loose(ints(1, 2, 3))],
		ints(5, 2, 2),
	);
	// a thousand threads could not race for it
	const many = tensorFromNumbers("int32", [4000, 1], new Array(4000).fill(2));
	await expectOne(
		"ScatterNd",
		[
			fed(many),
			loose(tensorFromNumbers("int64", [4000], new Array(4000).fill(1))),
			ints(3),
		],
		vector("int64", 0, 0, 4000),
	);
});

test("OneHot turns away what is out of range, for values of any type and scalars", async () => {
	const indices = loose(ints(1, -1, 5));
	await expectOne(
		"OneHot",
		[indices, int(3), floats([], [5]), floats([], [-1])],
		floats([3, 3], [-1, 5, -1, -1, -1, -1, -1, -1, -1]),
		{ axis: -1 },
	);
	await expectOne(
		"OneHot",
		[
			indices,
			int(2),
			tensorFromNumbers("bool", [], [1]),
			tensorFromNumbers("bool", [], [0]),
		],
		tensorFromNumbers("bool", [3, 2], [0, 1, 0, 0, 0, 0]),
		{ axis: -1 },
	);
	for (const scalar of [fed(int(1)), unranked(int(1))])
		await expectOne("OneHot", [scalar, int(3), int(1), int(0)], ints(0, 1, 0), {
			axis: -1,
		});
});
