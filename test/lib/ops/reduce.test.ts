import { expect, test } from "vitest";
import { inferTypes } from "../../../src/lib/graph/infer.js";
import type { ValueType } from "../../../src/lib/ops/define.js";
import { reducedShape } from "../../../src/lib/ops/reduce/reduction.js";
import { tensorFromNumbers } from "../../../src/lib/tensor/numbers.js";
import type { Shape } from "../../../src/lib/tensor/tensor.js";
import { inferOne, ints } from "../../one-node.js";
import { constantOf, node } from "../graph/programs.js";

const float = (shape: Shape): ValueType => ({ dtype: "float32", shape });
const integer = (shape: Shape): ValueType => ({ dtype: "int32", shape });

test.each([
	[[2, 3, 4], [1], false, [2, 4]],
	[[2, 3, 4], [-1, 0], false, [3]],
	[[2, 3, 4], [1], true, [2, 1, 4]],
	[[2, 3], [], false, [2, 3]],
	[[], [], false, []],
])("reducedShape() of %j along %j", (shape, axes, keepDims, wanted) => {
	expect(reducedShape(shape, axes, keepDims)).toEqual(wanted);
});

test("reducedShape() knows the rank where only the number of axes is known", () => {
	expect(reducedShape([2, 3, 4], undefined, false, 2)).toEqual([-1]);
	expect(reducedShape([2, 3, 1], undefined, true)).toEqual([-1, -1, 1]);
	expect(reducedShape([2, 3], undefined, false)).toBe(undefined);
	expect(reducedShape(undefined, [0], false)).toBe(undefined);
});

test("Sum names an axis that is beyond the rank", () => {
	expect(() => inferOne("Sum", [float([2, 3]), ints(2)])).toThrow(
		"cannot use axis 2: the tensor has 2 dimensions",
	);
});

test("Prod follows the sizes of a shape to their count", () => {
	const types = inferTypes({
		inputs: [],
		outputs: [],
		nodes: [
			constantOf("sizes", ints(2, 3, 4)),
			constantOf("axis", ints(0)),
			node("count", "Prod", ["sizes:0", "axis:0"], { keep_dims: false }),
		],
	});
	expect(types.typeOf("count:0")).toEqual({
		dtype: "int32",
		shape: [],
		elements: [24],
	});
});

test("ArgMax gives the type that output_type names, without its axis", () => {
	expect(
		inferOne("ArgMax", [float([2, -1, 4]), ints(-1)], { output_type: "int32" }),
	).toEqual([{ dtype: "int32", shape: [2, -1] }]);
});

test("TopKV2 knows its last axis where k is a constant", () => {
	const k = tensorFromNumbers("int32", [], [3]);
	expect(inferOne("TopKV2", [float([-1, 9]), k])).toEqual([
		float([-1, 3]),
		integer([-1, 3]),
	]);
	expect(inferOne("TopKV2", [float([-1, 9]), integer([])])[0].shape).toEqual([
		-1, -1,
	]);
});

test("UnsortedSegmentSum has a row an id and the axes that ids leave", () => {
	const count = tensorFromNumbers("int32", [], [5]);
	const inputs = [float([2, 3, 7]), integer([2, 3]), count];
	expect(inferOne("UnsortedSegmentSum", inputs)[0].shape).toEqual([5, 7]);
	expect(
		inferOne("UnsortedSegmentSum", [float(undefined), integer([2]), count])[0]
			.shape,
	).toBe(undefined);
});

test("DenseBincount counts a vector, or each row of a matrix", () => {
	const size = tensorFromNumbers("int32", [], [5]);
	const shapeOf = (shape: Shape) =>
		inferOne("DenseBincount", [integer(shape), size, float([0])])[0].shape;
	expect(shapeOf([-1])).toEqual([5]);
	expect(shapeOf([-1, 9])).toEqual([-1, 5]);
	expect(shapeOf(undefined)).toBe(undefined);
});

test("UniqueV2 has as many rows as it finds along its axis", () => {
	const outputs = inferOne("UniqueV2", [float([4, 2]), ints(1)]);
	expect(outputs).toEqual([float([4, -1]), integer([2])]);
});
