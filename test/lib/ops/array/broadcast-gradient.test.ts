import { expect, test } from "vitest";
import { ints, loose, runOne } from "../../../one-node.js";

// TensorFlow 2.21: tf.raw_ops.BroadcastGradientArgs
test.each([
	[[3], [2, 3], [0], []],
	[[1, 3], [2, 1], [0], [1]],
	[
		[1, 1, 4],
		[1, 4],
		[0, 1],
		[0, 1],
	],
	[[1, 3], [1, 3], [], []],
	[[1], [1, 1], [0, 1], [0, 1]],
	[[], [2], [0], []],
])("shapes %j and %j are summed along %j and %j", async (a, b, ofA, ofB) => {
	for (const given of [
		[ints(...a), ints(...b)],
		[loose(ints(...a)), loose(ints(...b))],
	]) {
		const results = await runOne("BroadcastGradientArgs", given, {}, 2);
		expect(results.map(({ data }) => [...data])).toEqual([ofA, ofB]);
	}
});
