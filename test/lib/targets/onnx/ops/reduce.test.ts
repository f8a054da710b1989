import { expect, test } from "vitest";
import type { DType } from "../../../../../src/lib/tensor/dtype.js";
import { tensorFromNumbers } from "../../../../../src/lib/tensor/numbers.js";
import { type Tensor, tensor } from "../../../../../src/lib/tensor/tensor.js";
import { expectClose } from "../../../../close.js";
import { counting, fed, floats, ints, runOne } from "../../../../one-node.js";

const vector = (dtype: DType, ...values: number[]): Tensor =>
	tensorFromNumbers(dtype, [values.length], values);

const longs = (...values: bigint[]): Tensor =>
	tensor("int64", [values.length], BigInt64Array.from(values));

const ulongs = (...values: bigint[]): Tensor =>
	tensor("uint64", [values.length], BigUint64Array.from(values));

const int = (value: number) => tensorFromNumbers("int32", [], [value]);

/** The value fed with sizes unknown. */
const loose = (x: Tensor) =>
	fed(
		x,
		x.shape.map(() => -1),
	);

/** The value fed with nothing known of its shape. */
const unranked = (x: Tensor) => fed(x, undefined);

async function reduce(
	op: string,
	x: Tensor,
	axes: readonly number[],
	keepDims = false,
): Promise<Tensor> {
	const attrs = { keep_dims: keepDims };
	return (await runOne(op, [loose(x), ints(...axes)], attrs))[0];
}

const LARGE = 2n ** 53n + 1n;

test("axes are constants or known at run time only, and may be none", async () => {
	const x = counting(2, 3);
	const rows = floats([2], [6, 15]);
	const attrs = { keep_dims: false };
	expectClose(await reduce("Sum", x, [1]), rows);
	expectClose(await reduce("Sum", x, []), x);
	for (const given of [loose(x), unranked(x)]) {
		const [result] = await runOne("Sum", [given, loose(ints(-1))], attrs);
		expectClose(result, rows);
		const [same] = await runOne("Sum", [given, loose(ints())], attrs);
		expectClose(same, x);
	}
	expectClose(
		await reduce("EuclideanNorm", floats([2], [-3, 4]), []),
		floats([2], [3, 4]),
	);
});

test("a scalar is reduced along no axis", async () => {
	expectClose(await reduce("Mean", floats([], [3]), []), floats([], [3]));
});

test("Max and Min let NaN through, and only there", async () => {
	const x = floats([2, 3], [1, NaN, 2, 3, -Infinity, 5]);
	expectClose(await reduce("Max", x, [1]), floats([2], [NaN, 5]));
	expectClose(await reduce("Min", x, [1]), floats([2], [NaN, -Infinity]));
	expectClose(await reduce("Max", x, [1], true), floats([2, 1], [NaN, 5]));
});

test("what is made of nothing is where each op starts", async () => {
	const none = floats([0, 1], []);
	expectClose(await reduce("Sum", none, [0]), floats([1], [0]));
	expectClose(await reduce("Prod", none, [0]), floats([1], [1]));
	expectClose(await reduce("Max", none, [0]), floats([1], [-Infinity]));
	expectClose(await reduce("Mean", none, [0]), floats([1], [NaN]));
	const bools = vector("bool");
	expectClose(
		await reduce("All", bools, [0]),
		tensorFromNumbers("bool", [], [1]),
	);
	expectClose(
		await reduce("Any", bools, [0]),
		tensorFromNumbers("bool", [], [0]),
	);
	expectClose(await reduce("Mean", ints(), [0]), int(0));
});

test("sums of integers are exact and wrap", async () => {
	expectClose(
		await reduce("Sum", longs(LARGE, 2n), [0]),
		tensor("int64", [], BigInt64Array.of(LARGE + 2n)),
	);
	expectClose(
		await reduce("Sum", longs(2n ** 63n - 1n, 5n, -1n), [0]),
		tensor("int64", [], BigInt64Array.of(BigInt.asIntN(64, 2n ** 63n + 3n))),
	);
	expectClose(
		await reduce("Sum", vector("int32", 2 ** 31 - 1, 1, 5), [0]),
		int(-(2 ** 31) + 5),
	);
	expectClose(
		await reduce("Sum", vector("uint8", 200, 100), [0]),
		tensorFromNumbers("uint8", [], [44]),
	);
});

// (2^31 + 1)(2^31 - 1) = 2^62 - 1; 10! = 3,628,800
test("products of integers are exact, of few of them and of many", async () => {
	expectClose(
		await reduce("Prod", longs(2n ** 31n + 1n, 2n ** 31n - 1n), [0]),
		tensor("int64", [], BigInt64Array.of(2n ** 62n - 1n)),
	);
	const [few] = await runOne(
		"Prod",
		[fed(longs(2n ** 31n + 1n, 2n ** 31n - 1n)), ints(0)],
		{ keep_dims: false },
	);
	expectClose(few, tensor("int64", [], BigInt64Array.of(2n ** 62n - 1n)));
	const factors = vector("int32", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
	expectClose(await reduce("Prod", factors, [0]), int(3_628_800));
	const block = tensorFromNumbers("int32", [2, 2], [1, 2, 3, 4]);
	expectClose(
		await reduce("Prod", block, [0, 1], true),
		tensorFromNumbers("int32", [1, 1], [24]),
	);
});

test("Mean of integers rounds towards zero, and adds before it divides", async () => {
	expectClose(await reduce("Mean", ints(-3, -4), [0]), int(-3));
	expectClose(
		await reduce("Mean", vector("int8", 100, 100, 101), [0]),
		tensorFromNumbers("int8", [], [100]),
	);
});

test("uint64 is compared as what it is", async () => {
	const x = ulongs(2n ** 63n + 1n, 5n);
	const scalar = (value: bigint) =>
		tensor("uint64", [], BigUint64Array.of(value));
	expectClose(await reduce("Max", x, [0]), scalar(2n ** 63n + 1n));
	expectClose(await reduce("Min", x, [0]), scalar(5n));
	const [place] = await runOne("ArgMin", [loose(x), int(0)]);
	expectClose(place, tensor("int64", [], BigInt64Array.of(1n)));
	const [top] = await runOne("TopKV2", [loose(x), int(1)], {}, 2);
	expectClose(top, ulongs(2n ** 63n + 1n));
});

test("ArgMax takes the first of equals, along a constant axis and any other", async () => {
	const x = floats([2, 3], [1, 3, 3, 0, 0, 0]);
	const places = longs(1n, 0n);
	for (const given of [loose(x), unranked(x)])
		for (const axis of [1, -1]) {
			const [constant] = await runOne("ArgMax", [given, int(axis)]);
			expectClose(constant, places);
			const [computed] = await runOne("ArgMax", [given, fed(int(axis))]);
			expectClose(computed, places);
		}
});

test.each([
	[false, false, [2, 6, 24]],
	[true, false, [1, 2, 6]],
	[false, true, [24, 12, 4]],
	[true, true, [12, 4, 1]],
])("Cumprod exclusive %s, reverse %s", async (exclusive, reverse, wanted) => {
	const x = floats([1, 3], [2, 3, 4]);
	const attrs = { exclusive, reverse };
	for (const axis of [int(1), fed(int(-1))]) {
		const [result] = await runOne("Cumprod", [loose(x), axis], attrs);
		expectClose(result, floats([1, 3], wanted));
	}
});

test("Cumprod of nothing is nothing, along any axis", async () => {
	const none = floats([0, 2], []);
	for (const axis of [0, 1])
		expectClose((await runOne("Cumprod", [loose(none), int(axis)]))[0], none);
});

test("Prod of no integers is 1", async () => {
	const none = tensorFromNumbers("int32", [0, 2], []);
	expectClose(await reduce("Prod", none, [0]), ints(1, 1));
	expectClose(await reduce("Prod", none, [1]), ints());
	expectClose(await reduce("Prod", none, [0, 1]), int(1));
});

test("Cumsum of 64-bit integers keeps their last bit", async () => {
	const [result] = await runOne("Cumsum", [loose(longs(LARGE, 2n)), int(0)]);
	expectClose(result, longs(LARGE, LARGE + 2n));
});

test("CumulativeLogsumexp adds what its numbers are the logarithms of", async () => {
	const x = floats([4], [-Infinity, 0, Math.log(2), 1000]);
	const [result] = await runOne("CumulativeLogsumexp", [loose(x), int(0)]);
	expectClose(result, floats([4], [-Infinity, 0, Math.log(3), 1000]));
	const [before] = await runOne("CumulativeLogsumexp", [loose(x), int(0)], {
		exclusive: true,
	});
	expectClose(before, floats([4], [-Infinity, -Infinity, 0, Math.log(3)]));
});

test("UnsortedSegmentSum drops negative ids and refuses those that are too large", async () => {
	const data = floats([4, 1], [1, 2, 4, 8]);
	const sum = (ids: Tensor) =>
		runOne("UnsortedSegmentSum", [loose(data), loose(ids), int(3)]);
	expectClose((await sum(ints(0, -1, 2, 0)))[0], floats([3, 1], [9, 0, 4]));
	await expect(sum(ints(0, 1, 2, 3))).rejects.toThrow();
});

test("UnsortedSegmentSum adds to one row from many threads", async () => {
	const count = 300_000;
	const [result] = await runOne("UnsortedSegmentSum", [
		loose(tensorFromNumbers("int32", [count], new Array(count).fill(1))),
		loose(tensorFromNumbers("int32", [count], new Array(count).fill(1))),
		int(2),
	]);
	expectClose(result, ints(0, count));
});

test("UnsortedSegmentMax of no rows is the lowest number, with ids of two axes and ranks unknown", async () => {
	const data = floats([2, 2, 1], [1, 2, 3, 4]);
	const ids = tensorFromNumbers("int32", [2, 2], [0, 0, 0, 2]);
	const wanted = floats([3, 1], [3, -3.4028234663852886e38, 4]);
	for (const given of [loose, unranked]) {
		const inputs = [given(data), given(ids), fed(int(3))];
		expectClose((await runOne("UnsortedSegmentMax", inputs))[0], wanted);
	}
});

test.each([
	["SegmentSum", [3, 0, 4]],
	["SegmentProd", [2, 1, 4]],
	["SegmentMax", [2, 0, 4]],
	["SegmentMin", [1, 0, 4]],
	["SegmentMean", [1.5, 0, 4]],
])("%s fills gaps", async (op, wanted) => {
	const data = floats([3], [1, 2, 4]);
	const [result] = await runOne(op, [loose(data), loose(ints(0, 0, 2))]);
	expectClose(result, floats([3], wanted));
	const none = [loose(floats([0], [])), loose(ints())];
	expectClose((await runOne(op, none))[0], floats([0], []));
});

test.each([
	["SparseSegmentSum", [4, 0, 2]],
	["SparseSegmentMean", [2, 0, 2]],
	["SparseSegmentSqrtN", [4 / Math.SQRT2, 0, 2]],
])("%s gathers its rows first", async (op, wanted) => {
	const inputs = [floats([3], [1, 2, 3]), ints(0, 2, 1), ints(0, 0, 2)];
	expectClose((await runOne(op, inputs.map(loose)))[0], floats([3], wanted));
	const counted = [...inputs.map(loose), int(4)];
	const [result] = await runOne(`${op}WithNumSegments`, counted);
	expectClose(result, floats([4], [...wanted, 0]));
});

test("Bincount adds weights, or ones for none, and passes over what is too large", async () => {
	const numbers = loose(ints(1, 2, 9, 1));
	const weights = floats([4], [1, 2, 4, 8]);
	const [weighed] = await runOne("Bincount", [numbers, int(4), loose(weights)]);
	expectClose(weighed, floats([4], [0, 9, 2, 0]));
	const [counted] = await runOne("Bincount", [
		numbers,
		int(4),
		loose(floats([0], [])),
	]);
	expectClose(counted, floats([4], [0, 2, 1, 0]));
	const negative = [loose(ints(-1)), int(4), floats([0], [])];
	await expect(runOne("Bincount", negative)).rejects.toThrow();
});

test("DenseBincount counts each row, or tells what occurs", async () => {
	const numbers = tensorFromNumbers("int32", [2, 2], [1, 1, 2, 9]);
	const inputs = [loose(numbers), int(3), vector("int32")];
	const [counts] = await runOne("DenseBincount", inputs);
	expectClose(counts, tensorFromNumbers("int32", [2, 3], [0, 2, 0, 0, 0, 1]));
	const [occurs] = await runOne("DenseBincount", inputs, {
		binary_output: true,
	});
	expectClose(occurs, tensorFromNumbers("int32", [2, 3], [0, 1, 0, 0, 0, 1]));
});

test("TopKV2 takes the first of equals, and an empty batch", async () => {
	const x = floats([1, 4], [1, 3, 3, 2]);
	const [values, places] = await runOne("TopKV2", [loose(x), int(3)], {}, 2);
	expectClose(values, floats([1, 3], [3, 3, 2]));
	expectClose(places, tensorFromNumbers("int32", [1, 3], [1, 2, 3]));
	const none = loose(floats([0, 4], []));
	const [nothing] = await runOne("TopKV2", [none, fed(int(2))], {}, 2);
	expectClose(nothing, floats([0, 2], []));
});

test("NthElement counts from the smallest, or from the largest", async () => {
	const x = loose(tensorFromNumbers("uint8", [1, 3], [3, 1, 2]));
	const smallest = (await runOne("NthElement", [x, int(0)]))[0];
	expectClose(smallest, vector("uint8", 1));
	const largest = await runOne("NthElement", [x, fed(int(0))], {
		reverse: true,
	});
	expectClose(largest[0], vector("uint8", 3));
});

test("InTopKV2 counts what is larger; no row with NaN and no target out of range is among the first", async () => {
	const predictions = floats(
		[5, 3],
		[1, 2, 2, 1, 2, 3, 1, 2, 3, NaN, 1, 2, 1, 2, 3],
	);
	const targets = ints(1, 1, 0, 2, 7);
	const inputs = [loose(predictions), loose(targets), int(2)];
	const [result] = await runOne("InTopKV2", inputs);
	expectClose(result, vector("bool", 1, 1, 0, 0, 0));
});

test("Unique keeps the order of the first occurrences", async () => {
	const x = loose(longs(5n, LARGE, 5n, LARGE - 1n));
	const [values, places, counts] = await runOne("UniqueWithCounts", [x], {}, 3);
	expectClose(values, longs(5n, LARGE, LARGE - 1n));
	expectClose(places, ints(0, 1, 0, 2));
	expectClose(counts, ints(2, 1, 1));
	const rows = loose(tensorFromNumbers("int32", [3, 2], [1, 2, 1, 2, 0, 1]));
	const [first] = await runOne("UniqueV2", [rows, ints(0)], {}, 2);
	expectClose(first, tensorFromNumbers("int32", [2, 2], [1, 2, 0, 1]));
});

// ONNX Runtime's own TopK would end the process
test("TopKV2 of unknown rank answers rows that are not there with none", async () => {
	const x = unranked(floats([0, 3], []));
	const [values, places] = await runOne("TopKV2", [x, int(2)], {}, 2);
	expectClose(values, floats([0, 2], []));
	expectClose(places, tensorFromNumbers("int32", [0, 2], []));
});

// ONNX Runtime ends the process; TensorFlow finds that all slices are equal
test("UniqueV2 finds one slice where the slices have no elements", async () => {
	const rows = loose(floats([3, 0], []));
	const [values, places] = await runOne("UniqueV2", [rows, ints(0)], {}, 2);
	expectClose(values, floats([1, 0], []));
	expectClose(places, ints(0, 0, 0));
});

test("Bucketize puts a boundary above itself and NaN last", async () => {
	const x = loose(floats([5], [0, 1, 2, 5, NaN]));
	const [result] = await runOne("Bucketize", [x], { boundaries: [1, 3, 5] });
	expectClose(result, ints(0, 1, 1, 3, 3));
});

test("LowerBound and UpperBound say where a value would go in", async () => {
	const sorted = loose(floats([1, 4], [1, 3, 3, 5]));
	const values = loose(floats([1, 3], [0, 3, 6]));
	const [lower] = await runOne("LowerBound", [sorted, values]);
	expectClose(lower, tensorFromNumbers("int32", [1, 3], [0, 1, 4]));
	const [upper] = await runOne("UpperBound", [sorted, values]);
	expectClose(upper, tensorFromNumbers("int32", [1, 3], [0, 3, 4]));
});

test("L2Loss is half the sum of squares", async () => {
	const [loss] = await runOne("L2Loss", [loose(floats([1, 2], [3, 4]))]);
	expectClose(loss, floats([], [12.5]));
});

test("ApproxTopK is exact, along any axis, from either end", async () => {
	const x = loose(floats([3, 2], [1, 6, 5, 2, 3, 4]));
	const attrs = { k: 2, reduction_dimension: 0 };
	const [values, places] = await runOne("ApproxTopK", [x], attrs, 2);
	expectClose(values, floats([2, 2], [5, 6, 3, 4]));
	expectClose(places, tensorFromNumbers("int32", [2, 2], [1, 0, 2, 2]));
	const [least] = await runOne(
		"ApproxTopK",
		[x],
		{ k: 1, reduction_dimension: -1, is_max_k: false },
		2,
	);
	expectClose(least, floats([3, 1], [1, 2, 3]));
});

test("HistogramFixedWidth puts what is outside into the first and last bin", async () => {
	const values = loose(floats([2, 3], [-1, 0, 1.5, 2, 5, 15]));
	const inputs = [values, loose(floats([2], [0, 5])), int(5)];
	const [counts] = await runOne("HistogramFixedWidth", inputs);
	expectClose(counts, ints(2, 1, 1, 0, 2));
});
