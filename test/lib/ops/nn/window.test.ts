import { expect, test } from "vitest";
import {
	type Window,
	windowedSizes,
	windowPads,
} from "../../../../src/lib/ops/nn/window.js";

const window = (
	kernel: number,
	stride: number,
	padding: Window["padding"],
	dilation = 1,
): Window => ({
	kernel: [kernel],
	strides: [stride],
	dilations: [dilation],
	padding,
});

// tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2: 13 wide, window 6, stride 5
test("windowedSizes() counts the places of the example in TensorFlow's notes on padding", () => {
	expect(windowedSizes(window(6, 5, "VALID"), [13])).toEqual([2]);
	expect(windowedSizes(window(6, 5, "SAME"), [13])).toEqual([3]);
});

test("windowPads() pads that example by 1 before and 2 behind", () => {
	expect(windowPads(window(6, 5, "SAME"), [13])).toEqual([[1, 2]]);
	expect(windowPads(window(6, 5, "VALID"), [13])).toEqual([[0, 0]]);
});

test.each([
	// (ceil(7/2) - 1)·2 + 3 - 7 = 2
	[3, 2, 7, [1, 1]],
	// (ceil(8/2) - 1)·2 + 3 - 8 = 1: behind
	[3, 2, 8, [0, 1]],
	// a window smaller than its stride: (ceil(8/3) - 1)·3 + 1 - 8 < 0
	[1, 3, 8, [0, 0]],
	[2, 1, 8, [0, 1]],
])(
	"windowPads() of window %i and stride %i over %i positions are %j",
	(kernel, stride, size, pads) => {
		expect(windowPads(window(kernel, stride, "SAME"), [size])).toEqual([pads]);
	},
);

test("windowPads() needs no size where the stride is 1 or the window one position", () => {
	expect(windowPads(window(3, 1, "SAME", 2), [-1])).toEqual([[2, 2]]);
	expect(windowPads(window(1, 2, "SAME"), [-1])).toEqual([[0, 0]]);
	expect(windowPads(window(3, 2, "SAME"), [-1])).toBeUndefined();
});

test("windowedSizes() reaches over gaps and explicit padding", () => {
	// a window of 3 with gaps reaches over 5: 8 + 1 + 2 - 5 + 1
	expect(windowedSizes(window(3, 1, [[1, 2]], 2), [8])).toEqual([7]);
});

test("windowedSizes() says by how much a window is too large", () => {
	expect(() => windowedSizes(window(9, 1, "VALID"), [4])).toThrow(
		"cannot slide a window of 9 over 4 positions: it is too large",
	);
});
