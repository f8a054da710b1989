import { expect, test } from "vitest";
import { given, plain, runKernel } from "../../run-kernel.js";

// three steps of one sequence: class 1, class 1, blank (2)
const scores = given("float32", [[[0, 4, 0]], [[0, 5, 0]], [[0, 0, 6]]]);

test.each([
	[true, [1]],
	[false, [1, 1]],
])("the best classes with repetitions merged (%s)", async (merged, labels) => {
	const [indices, values, shape, total] = await runKernel(
		"CTCGreedyDecoder",
		[scores, given("int32", [3])],
		{ merge_repeated: merged },
	);
	expect(plain(values)).toEqual(["int64", [labels.length], labels]);
	expect(plain(indices)).toMatchObject(["int64", [labels.length, 2], {}]);
	expect(plain(shape)).toEqual(["int64", [2], [1, labels.length]]);
	expect(plain(total)).toEqual(["float32", [1, 1], [-15]]);
});

test("the likeliest of two paths: of 1-1, 1-blank and blank-1 the label is 1", async () => {
	// each step is 1 with 3/4 and blank with 1/4: 15/16 for the label once, 1/16 for none
	const steps = given("float32", [
		[[-99, Math.log(3), 0]],
		[[-99, Math.log(3), 0]],
	]);
	const results = await runKernel(
		"CTCBeamSearchDecoder",
		[steps, given("int32", [2])],
		{ beam_width: 4, top_paths: 2, merge_repeated: false },
	);
	expect(plain(results[2])).toEqual(["int64", [1], [1]]);
	expect(plain(results[3])).toEqual(["int64", [0], []]);
	const [first, second] = values(results[6]);
	expect(first).toBeCloseTo(Math.log(15 / 16), 5);
	expect(second).toBeCloseTo(Math.log(1 / 16), 5);
});

function values(value: Awaited<ReturnType<typeof runKernel>>[number]) {
	return (plain(value) as [string, number[], number[]])[2];
}

test("the loss of a label is that of all its alignments", async () => {
	// as above: the label once in two steps has 15/16
	const steps = given("float32", [
		[[-99, Math.log(3), 0]],
		[[-99, Math.log(3), 0]],
	]);
	const [loss] = await runKernel("CTCLoss", [
		steps,
		given("int64", [[0, 0]]),
		given("int32", [1]),
		given("int32", [2]),
	]);
	expect(values(loss)[0]).toBeCloseTo(-Math.log(15 / 16), 5);
});

test("more labels than steps are refused with the sequence's number", async () => {
	await expect(
		runKernel("CTCLoss", [
			scores,
			given("int64", [
				[0, 0],
				[0, 1],
			]),
			given("int32", [0, 1]),
			given("int32", [1]),
		]),
	).rejects.toThrow(
		"cannot align sequence 0 of 1: it has 1 steps and 2 labels",
	);
});

test("a sequence longer than its scores is refused", async () => {
	await expect(
		runKernel("CTCGreedyDecoder", [scores, given("int32", [4])]),
	).rejects.toThrow(
		"cannot read sequence 0 of 1: its length is 4, and there are 3 steps",
	);
});

test("steps of an LSTM beyond the longest sequence are 0", async () => {
	const zeros = (...shape: number[]) => {
		let list: unknown = 0;
		for (const size of shape.toReversed()) list = new Array(size).fill(list);
		return given("float32", list);
	};
	const results = await runKernel("BlockLSTM", [
		given("int64", 1),
		zeros(2, 1, 1),
		given("float32", [[2]]),
		zeros(1, 1),
		zeros(2, 4),
		zeros(1),
		zeros(1),
		zeros(1),
		zeros(4),
	]);
	// the forget gate has a bias of 1: 2 / (1 + e^-1)
	const [, cs] = results.map(values);
	expect(cs[0]).toBeCloseTo(2 / (1 + Math.exp(-1)), 6);
	expect(cs[1]).toBe(0);
});

// 1 5 | 5 2, one window
const square = given("float32", [
	[
		[[1], [5]],
		[[5], [2]],
	],
]);
const window = { ksize: [1, 2, 2, 1], strides: [1, 2, 2, 1], padding: "VALID" };
const cube = {
	ksize: [1, 1, 2, 2, 1],
	strides: [1, 1, 2, 2, 1],
	padding: "VALID",
	data_format: "NDHWC",
};

test("of two largest elements the first gets the gradient of a picture, both that of a volume", async () => {
	const one = given("float32", [[[[7]]]]);
	const [flat] = await runKernel("MaxPoolGrad", [square, one, one], window);
	expect(values(flat)).toEqual([0, 7, 0, 0]);
	const volume = { ...square, shape: [1, 1, 2, 2, 1] };
	const whole = { ...one, shape: [1, 1, 1, 1, 1] };
	const [deep] = await runKernel("MaxPool3DGrad", [volume, whole, whole], cube);
	expect(values(deep)).toEqual([0, 7, 7, 0]);
});

test("padding has no share of the gradient of a mean", async () => {
	const gradient = given("float32", [
		[
			[[4], [4]],
			[[4], [4]],
		],
	]);
	const [shared] = await runKernel(
		"AvgPoolGrad",
		[given("int32", [1, 3, 3, 1]), gradient],
		{ ...window, padding: "SAME" },
	);
	expect(values(shared)).toEqual([1, 1, 2, 1, 1, 2, 2, 2, 4]);
});

test("a gradient of another shape than the windows' is refused", async () => {
	const two = given("float32", [[[[4], [4]]]]);
	await expect(
		runKernel("MaxPoolGrad", [square, two, two], window),
	).rejects.toThrow(
		"cannot bring a gradient of shape [1,1,2,1] back to an image of shape [1,2,2,1]: its windows are [1,1]",
	);
});
