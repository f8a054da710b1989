import { describe, expect, test } from "vitest";
import type { Attrs } from "../../../src/lib/graph/ir.js";
import { type HostValue, tensorOf } from "../../../src/lib/host/value.js";
import type { DType } from "../../../src/lib/tensor/dtype.js";
import { tensorFromNumbers } from "../../../src/lib/tensor/numbers.js";
import { tensor } from "../../../src/lib/tensor/tensor.js";
import { floats, int, ints, matrix } from "../../one-node.js";
import { runKernel } from "../../run-kernel.js";
import { runStep } from "./steps.js";

/** An `element_shape` input: sizes, or -1 for any. */
const shapeOf = (sizes: number | readonly number[]) =>
	typeof sizes === "number" ? int(sizes) : ints(...sizes);
const longs = (...values: number[]) =>
	tensorFromNumbers("int64", [values.length], values);
const of = (dtype: DType): Attrs => ({ element_dtype: dtype });

const reserve = (
	count: number,
	sizes: number | readonly number[],
	dtype: DType = "float32",
) => runStep("TensorListReserve", [shapeOf(sizes), int(count)], of(dtype))[0];
const empty = (
	sizes: number | readonly number[],
	most = -1,
	dtype: DType = "float32",
) => runStep("EmptyTensorList", [shapeOf(sizes), int(most)], of(dtype))[0];
const push = (list: HostValue, item: HostValue) =>
	runStep("TensorListPushBack", [list, item])[0];
const set = (list: HostValue, at: number, item: HostValue, attrs?: Attrs) =>
	runStep("TensorListSetItem", [list, int(at), item], attrs)[0];
const get = (
	list: HostValue,
	at: number,
	sizes: number | readonly number[] = -1,
) => runStep("TensorListGetItem", [list, int(at), shapeOf(sizes)])[0];
const stack = (
	list: HostValue,
	sizes: number | readonly number[] = -1,
	attrs?: Attrs,
) => runStep("TensorListStack", [list, shapeOf(sizes)], attrs)[0];
const length = (list: HostValue) => runStep("TensorListLength", [list])[0];
const join = (
	list: HostValue,
	sizes: number | readonly number[],
	...lengths: number[]
) => runStep("TensorListConcatV2", [list, shapeOf(sizes), longs(...lengths)]);
const split = (x: HostValue, sizes: readonly number[], ...lengths: number[]) =>
	runStep("TensorListSplit", [x, shapeOf(sizes), longs(...lengths)])[0];
const scatter = (x: HostValue, ...indices: number[]) =>
	runStep("TensorListScatter", [x, ints(...indices), ints(2)])[0];

const pair = (a: number, b: number) => floats([2], [a, b]);
const x = floats([4, 2], [0, 1, 2, 3, 4, 5, 6, 7]);
const oneSet = set(reserve(3, -1), 1, floats([1, 2], [1, 2]));

describe("as TensorFlow's lists do,", () => {
	test("an element that was not set is zeros of the shape that the others have", () => {
		const list = set(reserve(3, -1), 0, pair(1, 2));
		expect(get(list, 1)).toEqual(pair(0, 0));
		expect(stack(list)).toEqual(floats([3, 2], [1, 2, 0, 0, 0, 0]));
		expect(stack(reserve(2, [1], "string"))).toEqual(
			tensor("string", [2, 1], [new Uint8Array(), new Uint8Array()]),
		);
	});

	test("a list keeps its elements while another is made of it", () => {
		const list = push(empty([2]), pair(1, 2));
		const other = set(list, 0, pair(3, 4));
		expect([get(list, 0), get(other, 0)]).toEqual([pair(1, 2), pair(3, 4)]);
	});

	test("a list may grow when an element behind its end is set", () => {
		const attrs = { resize_if_index_out_of_bounds: true };
		expect(length(set(reserve(1, [2]), 5, pair(1, 2), attrs))).toEqual(int(6));
	});

	test("a list may hold lists, and tensors of them are taken apart again", () => {
		const inner = push(empty([2]), pair(1, 2));
		const outer = push(push(empty([], -1, "variant"), inner), inner);
		expect(get(get(outer, 1), 0)).toEqual(pair(1, 2));
		const both = stack(outer, []);
		expect(both.shape).toEqual([2]);
		const again = runStep("TensorListFromTensor", [both, ints()])[0];
		expect(get(get(again, 0), 0)).toEqual(pair(1, 2));
	});

	test("an empty list stacks to nothing of its shape", () => {
		expect(stack(empty(-1), [2])).toEqual(floats([0, 2], []));
	});

	test("unset elements are as long as all others, or as they are said to be", () => {
		const [value, lengths] = join(oneSet, [-1, 2]);
		expect(value).toEqual(floats([3, 2], [0, 0, 1, 2, 0, 0]));
		expect(lengths).toEqual(longs(1, 1, 1));
		expect(join(oneSet, [-1, 2], 2, 7, 1)[1]).toEqual(longs(2, 1, 1));
		expect(join(reserve(2, [4, 2]), [-1, 2])[0].shape).toEqual([8, 2]);
	});

	test("parts of other lengths than the shape says are split all the same", () => {
		expect(get(split(x, [-1, 2], 1, 3), 1)).toEqual(
			floats([3, 2], [2, 3, 4, 5, 6, 7]),
		);
	});

	test("rows are scattered to their places, the last one where two share a place", () => {
		expect(stack(scatter(x, 0, 5, 2, 1))).toEqual(
			floats([6, 2], [0, 1, 6, 7, 4, 5, 0, 0, 0, 0, 2, 3]),
		);
		expect(stack(scatter(x, 0, 0, 2, 1))).toEqual(
			floats([3, 2], [2, 3, 6, 7, 4, 5]),
		);
	});

	test("elements are gathered by indices of any rank", () => {
		const [value] = runStep("TensorListGather", [
			oneSet,
			matrix(2, 1, 0),
			int(-1),
		]);
		expect(value).toEqual(floats([2, 1, 2], [1, 2, 0, 0]));
	});

	test("one row is pushed into each of a batch of lists", () => {
		const items = [empty([2]), empty([2])].flatMap((list) =>
			"items" in list ? list.items : [],
		);
		const lists: HostValue = { dtype: "variant", shape: [2], items };
		const [pushed] = runStep("TensorListPushBackBatch", [
			lists,
			floats([2, 2], [1, 2, 3, 4]),
		]);
		const second = "items" in pushed ? pushed.items[1] : {};
		expect(get({ dtype: "variant", shape: [], items: [second] }, 0)).toEqual(
			pair(3, 4),
		);
	});

	test("the last element may be one that nobody set", () => {
		const [rest, last] = runStep("TensorListPopBack", [
			reserve(2, [2]),
			int(-1),
		]);
		expect([last, length(rest)]).toEqual([pair(0, 0), int(1)]);
	});

	test.each([
		["reading behind the end", () => get(reserve(2, [2]), 2)],
		[
			"reading an unset element of no known shape",
			() => get(reserve(2, -1), 0),
		],
		["setting before the start", () => set(reserve(2, [2]), -1, pair(1, 2))],
		["setting another shape", () => set(reserve(2, [3]), 0, pair(1, 2))],
		["setting another type", () => set(reserve(2, [2]), 0, ints(1, 2))],
		["a list of fewer than no elements", () => reserve(-1, [2])],
		["a scalar shape other than -1", () => reserve(2, 5)],
		[
			"stacking elements of different shapes",
			() => stack(set(oneSet, 0, pair(1, 2))),
		],
		["stacking nothing of no known shape", () => stack(empty(-1))],
		[
			"stacking another number",
			() => stack(empty([2]), -1, { num_elements: 3 }),
		],
		["pushing into a full list", () => push(empty([2], 0), pair(1, 2))],
		["joining scalars", () => join(push(empty(-1), floats([], [1])), -1)],
		[
			"joining unset elements of no known length",
			() => join(reserve(2, [-1, 2]), [-1, 2]),
		],
		["splitting less than all rows", () => split(x, [-1, 2], 1, 2)],
		["splitting more than all rows", () => split(x, [-1, 2], 1, 4)],
		["splitting rows of another shape", () => split(x, [-1, 3], 1, 3)],
		["scattering other than all rows", () => scatter(x, 0, 1)],
		["scattering before the start", () => scatter(x, 0, -1, 2, 3)],
		[
			"a list of a scalar",
			() => runStep("TensorListFromTensor", [floats([], [1]), ints()]),
		],
		[
			"popping from an empty list",
			() => runStep("TensorListPopBack", [empty([2]), ints(2)]),
		],
	])("%s is refused", (_, act) => {
		expect(act).toThrow(expect.objectContaining({ code: "INVALID" }));
	});
});

describe("as TensorFlow 1's arrays do,", () => {
	const make = (attrs: Attrs) =>
		runStep("TensorArrayV3", [int(2)], { dtype: "float32", ...attrs });
	const write = (
		[handle, flow]: readonly HostValue[],
		at: number,
		item: HostValue,
	) => runStep("TensorArrayWriteV3", [handle, int(at), item, flow]);
	const read = ([handle, flow]: readonly HostValue[], at: number) =>
		runStep("TensorArrayReadV3", [handle, int(at), flow])[0];

	test("what is written is read, in any order, and may grow the array", () => {
		const array = make({ dynamic_size: true, element_shape: { dims: [2] } });
		write(array, 4, pair(1, 2));
		expect(read(array, 4)).toEqual(pair(1, 2));
		expect(read(array, 0)).toEqual(pair(0, 0));
		expect(runStep("TensorArraySizeV3", array)[0]).toEqual(int(5));
	});

	test("an element that was not written is zeros where all have the shape of the first", () => {
		const array = make({ identical_element_shapes: true });
		write(array, 1, pair(1, 2));
		expect(read(array, 0)).toEqual(pair(0, 0));
	});

	test("parts are joined again with their lengths", () => {
		const array = make({});
		const [handle, flow] = array;
		runStep("TensorArraySplitV3", [handle, x, longs(1, 3), flow]);
		const [value, lengths] = runStep("TensorArrayConcatV3", array);
		expect(tensorOf(value)).toEqual(x);
		expect(lengths).toEqual(longs(1, 3));
	});

	test.each([
		[
			"writing behind the end",
			(array: readonly HostValue[]) => write(array, 2, pair(1, 2)),
		],
		[
			"writing another type",
			(array: readonly HostValue[]) => write(array, 0, ints(1, 2)),
		],
		[
			"reading what was not written",
			(array: readonly HostValue[]) => read(array, 0),
		],
		["another handle", () => read([empty([2]), floats([], [0])], 0)],
	])("%s is refused", (_, act) => {
		expect(() => act(make({}))).toThrow(
			expect.objectContaining({ code: "INVALID" }),
		);
	});
});

// kernels/tensor_list.h: items are added in pairs, and one that nobody set is a zero
test("lists are added item by item, and have zeros like them", async () => {
	const a = set(reserve(3, [2]), 0, floats([2], [1, 2]));
	const b = set(
		set(reserve(3, [2]), 0, floats([2], [10, 20])),
		1,
		floats([2], [5, 6]),
	);
	const item = async (list: HostValue, at: number) =>
		tensorOf(
			(
				await runKernel(
					"TensorListGetItem",
					[list, int(at), ints(2)],
					of("float32"),
				)
			)[0],
		).data;
	const [sum] = await runKernel("AddN", [a, b, b]);
	expect(await item(sum, 0)).toEqual(Float32Array.of(21, 42));
	expect(await item(sum, 1)).toEqual(Float32Array.of(10, 12));
	expect(await item(sum, 2)).toEqual(Float32Array.of(0, 0));
	const [none] = await runKernel("ZerosLike", [b]);
	expect(await item(none, 1)).toEqual(Float32Array.of(0, 0));
	await expect(runKernel("AddN", [a, reserve(2, [2])])).rejects.toThrow(
		"cannot add lists of different lengths: 3 and 2",
	);
});
