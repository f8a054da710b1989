import { expect, test } from "vitest";
import { tensorOf } from "../../../../src/lib/host/value.js";
import { tensorFromNumbers } from "../../../../src/lib/tensor/numbers.js";
import { runStep } from "../steps.js";

function answers(
	op: string,
	size: readonly number[],
	box: readonly number[],
	others: Parameters<typeof tensorFromNumbers>[],
	attrs: object,
) {
	const inputs = [
		tensorFromNumbers("int32", [3], size),
		tensorFromNumbers("float32", [1, box.length / 4, 4], box),
		...others.map((given) => tensorFromNumbers(...given)),
	];
	const [begin, extent] = runStep(op, inputs, {
		use_image_if_no_bounding_boxes: true,
		...attrs,
	}).map((value) => Array.from(tensorOf(value).data as Int32Array));
	return [begin, extent];
}

// all answers are TensorFlow 2.21's
test("crops are drawn as TensorFlow draws them from the same seeds", () => {
	const drawn = answers("SampleDistortedBoundingBox", [197, 256, 3], [], [], {
		aspect_ratio_range: [0.681418240070343, 1.8473095893859863],
		area_range: [0.20085035264492035, 0.7187936305999756],
		min_object_covered: 0.051041681319475174,
		seed: 1,
		seed2: 5,
	});
	expect(drawn).toEqual([
		[14, 98, 0],
		[165, 150, -1],
	]);
	const stateless = answers(
		"StatelessSampleDistortedBoundingBox",
		[152, 152, 3],
		[
			0.7781567573547363, 0.7991585731506348, 0.978618323802948,
			0.8700121641159058,
		],
		[
			["float32", [], [0.37319573760032654]],
			["int32", [2], [2, 7]],
		],
		{
			aspect_ratio_range: [0.38279208540916443, 2.2798421382904053],
			area_range: [0.060138922184705734, 0.9723344445228577],
		},
	);
	expect(stateless).toEqual([
		[0, 52, 0],
		[149, 91, -1],
	]);
});

test("the whole image is taken where no crop is as wanted", () => {
	const seen = [["float32", [], [2]]] as Parameters<typeof tensorFromNumbers>[];
	const attrs = { seed: 1, max_attempts: 3 };
	expect(
		answers("SampleDistortedBoundingBoxV2", [9, 7, 3], [], seen, attrs),
	).toEqual([
		[0, 0, 0],
		[9, 7, -1],
	]);
});

test.each([
	["a box beyond the image", [0, 0, 1.5, 1], {}, /a coordinate is 1.5/],
	["no box", [], { use_image_if_no_bounding_boxes: false }, /there are none/],
])("%s is refused", (_, box, attrs, message) => {
	expect(() =>
		answers("SampleDistortedBoundingBox", [9, 7, 3], box, [], attrs),
	).toThrow(message);
});
