import { expect, test } from "vitest";
import type { OnnxNode } from "../../../../src/lib/targets/onnx/graph.js";
import { withZerosOfPools } from "../../../../src/lib/targets/onnx/pool-padding.js";
import { heldConstant } from "../../../../src/lib/tensor/constant.js";

const node = (op: string, inputs: string[], output: string): OnnxNode => ({
	...{ op, domain: "", name: output, inputs, outputs: [output], attrs: {} },
});

function paddedWith(fill: number, consumers: OnnxNode[]) {
	const data = Float32Array.of(fill);
	const graph = withZerosOfPools({
		...{ name: "g", inputs: [] },
		outputs: [{ name: "y", dtype: "float32", shape: undefined }],
		nodes: [node("Pad", ["x", "pads", "fill"], "wide"), ...consumers],
		initializers: [
			{
				name: "fill",
				constant: heldConstant({ dtype: "float32", shape: [], data }),
			},
		],
	});
	const used = graph.nodes[0].inputs[2];
	return graph.initializers.find(({ name }) => name === used)?.constant.read()
		.data[0];
}

// Object.is, for which 0 and -0 are two
test.each([
	["a max pool", 0, [node("MaxPool", ["wide"], "y")], -0],
	[
		"a max pool in other axes",
		0,
		[node("Transpose", ["wide"], "turned"), node("MaxPool", ["turned"], "y")],
		-0,
	],
	["a convolution", 0, [node("Conv", ["wide", "w"], "y")], 0],
	["a max pool, of ones", 1, [node("MaxPool", ["wide"], "y")], 1],
])(
	"zeros that ONNX Runtime would take for padding of %s are written below zero",
	(_, fill, consumers, wanted) => {
		expect(paddedWith(fill, consumers)).toBe(wanted);
	},
);
